"""Runs as a person starts and sees them on pages."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.support.applications.app import application
from tests.support.samples.users import PASSWORD
from tests.support.usecases import pulling
from webapp.app import services_of
from webapp.models import Run
from webapp.settings import Settings
from webapp.store.people import users
from webapp.usecases.people import passwords

_EMAIL = "ada@example.com"


def pressed(pages: FlaskClient, address: str, **form: str) -> str:
    """Press a button, work the run off that it leads to, and answer with its page's address."""
    answer = pages.post(address, data=form)
    assert answer.status_code == 303
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    return answer.location


def run_page(settings: Settings, run_id: int) -> str:
    """The text of a run's page, for an administrator."""
    with application(settings) as app:
        services = services_of(app)
        with services.database.writing() as session:
            if users.by_email(session, _EMAIL) is None:
                users.add(session, _EMAIL, "Ada", passwords.hashed(PASSWORD), "administrator")
        client = app.test_client()
        client.post("/login", data={"email": _EMAIL, "password": PASSWORD})
        answer = client.get(f"/sync-log/{run_id}")
        assert answer.status_code == 200
        return answer.text
