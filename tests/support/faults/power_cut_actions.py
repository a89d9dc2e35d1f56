"""What a process does before the power is cut: `python -m tests.support.faults.power_cut_actions ACTION …`.

The power goes at the very moment at which somebody was answered, or at which a call would leave for HubSpot.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import requests
from flask import Flask

from tests.support.applications.services import current_services
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.app import create_app
from webapp.models import Contact, Run


def _cut() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody outlives that")


def _edit(_: Flask, phone: str) -> None:
    edit(phone=phone)
    _cut()


def _write_losable(_: Flask, phone: str) -> None:
    """Change a contact as a page of a pull does, whose commit waits for nothing."""
    with current_services().database.writing(may_be_lost=True) as session:
        session.get_one(Contact, 1).phone = phone
    _cut()


def _deliver(app: Flask, number: str) -> None:
    changed = webhook_event("contact.propertyChange", number, propertyName="phone", propertyValue="9")
    if deliver(app.test_client(), [changed]).status_code == 204:
        _cut()


def _push(_: Flask, call: str) -> None:
    """Work off the run that waits, until a call whose path matches is about to leave."""
    real = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        if request.method != "GET" and re.search(call, request.path_url):
            _cut()
        return real(session, request, **more)

    requests.Session.send = send  # type: ignore[method-assign, assignment]
    [run] = [one for one in pulling.all_rows(Run) if one.state == "running"]
    pulling.worked_off(run.id)


ACTIONS: dict[str, Callable[[Flask, str], None]] = {
    "edit": _edit,
    "write losable": _write_losable,
    "deliver": _deliver,
    "push": _push,
}


def main() -> None:
    """Do what the command line says."""
    app = create_app()
    with app.app_context():
        ACTIONS[sys.argv[1]](app, sys.argv[2])


if __name__ == "__main__":
    main()
