"""Where nothing can be logged, or no process can be started just now, work goes on all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.applications.app import ROOT
from tests.support.applications.worker_process import WorkerProcess, wait_until
from tests.support.clocks.patience import PATIENCE_S
from tests.support.invariants import undisturbed
from tests.support.samples.messy_portal import CONTACTS
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.settings import Settings

_FORKS_THAT_FAIL = 40
_RUN = f"""
import errno, os, resource, signal, sys, threading, time
from pathlib import Path
from webapp.processes import supervisor, workers

supervisor._RETRY_S = 0.01
real_fork, tries, mark = os.fork, [], Path(sys.argv[1])

def fork():
    tries.append(1)
    if len(tries) <= {_FORKS_THAT_FAIL}:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
    return real_fork()

class Stop(threading.Event):
    def wait(self, timeout=None):
        if mark.exists():
            os.kill(os.getpid(), signal.SIGTERM)
        return super().wait(0.01)

os.fork = fork
stop = Stop()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
# What each failure would leave open soon were too much.
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 8,) * 2)
workers.keep_running({{"part": lambda: (mark.touch(), time.sleep(600))}}, stop)
"""


@pytest.mark.one_database
@pytest.mark.long
def test_a_killed_worker_is_replaced_though_the_log_cannot_be_written(
    connection_id: int, portal: SandboxServer, settings: Settings, tmp_path: Path
) -> None:
    portal.settings(latency_ms=0)
    worker = WorkerProcess(settings, tmp_path, Path("/dev/full"))
    worker.start()
    try:
        wait_until(lambda: len(worker.children()) == 2, "the worker and the schedule run")
        first = worker.children()
        worker.kill_child()
        wait_until(lambda: len(worker.children() - first) == 2, "both are replaced")
        run = undisturbed.wait_for_end(pulling.begun(connection_id), worker)
        assert run.state == "finished"
        assert sum(run.counts["contacts"].values()) == CONTACTS
    finally:
        worker.stop()


def test_a_process_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    """The supervisor still hears that it is told to stop, and has opened nothing that it does not close."""
    mark = tmp_path / "began"
    ended = subprocess.run(
        [sys.executable, "-c", _RUN, str(mark)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (ended.returncode, mark.exists()) == (0, True), ended.stderr
    assert ended.stdout.count("process_not_started") == _FORKS_THAT_FAIL
