"""Serving the portal: one process with many threads, so that its state stays in one place."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

THREADS = 32
PR_SET_PDEATHSIG = 1


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, configured by us alone; the portal is built in the worker."""

    def __init__(self, host: str, port: int, build: Callable[[], Flask]) -> None:
        self._host, self._port, self._build = host, port, build
        super().__init__()

    def load_config(self) -> None:
        """One threaded worker, and no patience at the end: nothing outlives the process anyway."""
        settings: dict[str, Any] = {
            "bind": f"{self._host}:{self._port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "worker_connections": 2_000,
            "keepalive": 75,
            "timeout": 0,
            "graceful_timeout": 0,
            "loglevel": "error",
            "control_socket_disable": True,
            "post_fork": _die_with_arbiter,
            "post_worker_init": _announce,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, with its sample data."""
        return self._build()


def die_with_parent(number: int) -> None:
    """Ask Linux to send us a signal when our parent ends."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def _die_with_arbiter(_arbiter: Any, _worker: Any) -> None:
    die_with_parent(signal.SIGKILL)


def _announce(worker: Any) -> None:
    host, port = worker.sockets[0].getsockname()[:2]
    sys.stdout.write(f"sandbox listening on http://{host}:{port}\n")
    sys.stdout.flush()
