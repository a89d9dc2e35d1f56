"""How the web is served: `gunicorn -c gunicorn.conf.py "webapp:create_app()"`.

The address is gunicorn's own affair: `--bind`, or `PORT`, else 127.0.0.1:8000.
"""

import gc
import resource
import sys
from typing import Any

# Threads for pages: an event-driven worker would stand still for all of its clients whenever one request
# waits for its turn to write to SQLite. A thread begins when a request has arrived wholly, and an open live
# page holds none: slow clients and quiet ones cost a socket alone.
worker_class = "webapp.processes.web_worker.WebWorker"
workers = 2
threads = 704
# Half as many again are live pages, see webapp/web/live/stream_places.py.
worker_connections = 2000
keepalive = 75
# Each process opens its own connections to the database and to Redis, none is shared over a fork.
preload_app = False
# Longer than live logs take to notice, see below; browsers come back to the next process.
graceful_timeout = 5
control_socket_disable = True
# Gunicorn believes these of any caller on this machine. Where the application stands is not theirs to say.
forwarder_headers = ""
accesslog = None

# A file for each connection, and as many again for the database, Redis and what pages read.
_MOST_FILES = 3 * worker_connections + 1000


def on_starting(_: Any) -> None:
    """End with one line where a setting does not fit, warn of what is in doubt, and import everything once.

    The processes that are forked then start sooner, and share its memory.
    """
    import webapp.app  # noqa: PLC0415 - gunicorn has not found the folder yet when it reads this file
    import webapp.web  # noqa: PLC0415 - the same
    from webapp.errors import SettingsError  # noqa: PLC0415 - the same
    from webapp.installation.doubtful_settings import load_for_start  # noqa: PLC0415 - the same

    try:
        webapp.app.refuse_unfit(load_for_start(warns=True))
    except SettingsError as error:
        sys.exit(str(error))
    _allow_files()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Give live pages their share of what the process has, and let them end with it."""
    from webapp.web.live import sse, stream_places  # noqa: PLC0415 - as above

    threads = stream_places.of_threads(worker.cfg.threads)
    connections = stream_places.of_connections(worker.worker_connections)
    # What is sent over TLS has to pass the thread that has shaken hands.
    sse.share_places(worker.wsgi, threads if worker.cfg.is_ssl else connections, threads)
    sse.hub_of(worker.wsgi).is_ending = lambda: not worker.alive


def _allow_files() -> None:
    """As many open files as the system lets us have: the usual 1,024 are fewer than our connections."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if most == resource.RLIM_INFINITY else min(_MOST_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
