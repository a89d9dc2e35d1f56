"""What every test of a fault starts from: a portal with something to pull, and a worker to be killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.applications.worker_process import WorkerProcess
from tests.support.samples import messy_portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.settings import Settings


@pytest.fixture
def portal(sandbox: SandboxServer) -> SandboxServer:
    """The sandbox portal with the mess of a real one, a little away."""
    messy_portal.fill(sandbox)
    return sandbox


@pytest.fixture
def connection_id(in_app: Flask, portal: SandboxServer) -> int:
    """That portal, connected."""
    return pulling.connected()


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker that has not been started yet."""
    worker = WorkerProcess(settings, tmp_path)
    try:
        yield worker
    finally:
        worker.stop()
