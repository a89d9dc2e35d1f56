"""What the programs of tests are forked from: everything is imported here, and what is slow is prepared.

All of that stays until the end. Python's collector, which would walk it in each of them, is spared it, as the
product spares it in its own processes (`webapp/processes/workers.py`, `gunicorn.conf.py`).
"""

import gc

import gunicorn.app.wsgiapp
from sqlalchemy.orm import configure_mappers

import tests.support.suite.forked
import webapp.app
import webapp.processes.workers
import webapp.web
from webapp.domain.records.normal.hosts import domain_key

__all__ = ["gunicorn", "tests", "webapp"]

# The tables are mapped with the first statement, and the list of public suffixes is read with the first name.
configure_mappers()
domain_key("example.com")

gc.collect()
gc.freeze()
