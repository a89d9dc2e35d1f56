"""What the programs of tests are forked from: a process that has imported everything they need.

All of that stays until the end. Python's collector, which would walk it in each of them, is spared it, as the
product spares it in its own processes (`webapp/processes/workers.py`, `gunicorn.conf.py`).
"""

import gc

import gunicorn.app.wsgiapp

import tests.support.suite.forked
import webapp.app
import webapp.processes.workers
import webapp.web

__all__ = ["gunicorn", "tests", "webapp"]

gc.collect()
gc.freeze()
