"""`worker.py` with hooks at its durable steps: run as a file, with the same options."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import webapp.processes.workers  # noqa: F401 - everything is imported before the hooks are set
from tests.chaos.beds import far_portal
from tests.chaos.beds.pace import quicken
from tests.chaos.steps import FOLDER, Orders, install
from worker import main

if __name__ == "__main__":
    quicken()
    orders = Orders(Path(os.environ[FOLDER]))
    install(orders)
    far_portal.install(orders)
    sys.exit(main())
