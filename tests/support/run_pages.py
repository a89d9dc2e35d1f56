"""What a person sees of a run while a fault lasts."""

from __future__ import annotations

from tests.support.app import application
from tests.support.users import PASSWORD
from webapp.app import services_of
from webapp.settings import Settings
from webapp.store.people import users
from webapp.usecases.people import passwords

_EMAIL = "ada@example.com"


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
