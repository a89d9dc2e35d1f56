"""The worker that is measured: the product's own loop, with counters around, beside its schedule.

Its settings are in the environment, as those of any worker. At SIGTERM it prints what it
used as one JSON object.
"""

import json
import os
import sys
import threading
import time
from multiprocessing.context import ForkProcess
from typing import Any

from sqlalchemy import Engine, event

from bench.machine import peak_memory_mib
from webapp.app import create_app, services_of
from webapp.processes.parent import die_with_parent
from webapp.processes.queue_worker import run_worker
from webapp.processes.schedule import run_schedule
from webapp.usecases.runs.queues import QUEUES


def main() -> None:
    """Work until stopped, then print what it took."""
    die_with_parent(os.getppid())
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(Engine, "before_cursor_execute", count)
    ForkProcess(target=_act_on_schedule, args=(os.getpid(),), daemon=True).start()
    services = services_of(create_app())
    began_cpu_s = time.process_time()
    run_worker(QUEUES, services)
    used = {
        "cpu_s": time.process_time() - began_cpu_s,
        "memory_mib": peak_memory_mib(),
        "statements": statements,
    }
    sys.stdout.write(json.dumps(used) + "\n")


def _act_on_schedule(worker: int) -> None:
    die_with_parent(worker)
    run_schedule(services_of(create_app()), threading.Event())


if __name__ == "__main__":
    main()
