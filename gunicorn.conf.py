"""How the web is served: `gunicorn -c gunicorn.conf.py "webapp:create_app()"`.

The address is gunicorn's own affair: `--bind`, or `PORT`, else 127.0.0.1:8000.
"""

import gc
from typing import Any

# A thread for each open live log, which costs 70 KB, and a few for pages. An event-driven worker would stand
# still for all of its clients whenever one request waits for its turn to write to SQLite.
worker_class = "gthread"
workers = 2
threads = 512
# More than the threads of all clients that may stay connected: with fewer, pages would wait behind live logs.
worker_connections = 2000
keepalive = 75
# Each process opens its own connections to the database and to Redis, none is shared over a fork.
preload_app = False
# Longer than live logs take to notice, see below; browsers come back to the next process.
graceful_timeout = 5
control_socket_disable = True
accesslog = None


def on_starting(_: Any) -> None:
    """Import everything once; the processes that are forked then start sooner, and share its memory."""
    import webapp.app  # noqa: PLC0415 - gunicorn has not found the folder yet when it reads this file
    import webapp.web  # noqa: F401, PLC0415 - the same

    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Let what is live in pages end with its process instead of holding it up."""
    from webapp.web.sse import all_wakeups  # noqa: PLC0415 - as above

    for wakeups in all_wakeups(worker.wsgi):
        wakeups.is_ending = lambda: not worker.alive
