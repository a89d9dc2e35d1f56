"""What an administrator has begun, when they are one no longer: what was started goes on, the rest waits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.samples.factories import make_connection, make_run
from tests.support.samples.users import add_user
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.app import services_of
from webapp.models import Run, User
from webapp.services import Services
from webapp.store.people.users import MEMBER
from webapp.usecases.people import accounts

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
demote = partial(accounts.set_role, role=MEMBER)


@pytest.mark.parametrize("loses", [accounts.deactivate, demote])
def test_what_somebody_has_started_goes_on_without_them(
    app: Flask,
    sandbox: SandboxServer,
    logged_in: LogIn,
    administrator: User,
    loses: Callable[[Services, int], object],
) -> None:
    add_user(app, "bo@example.com", "Bo Boss", "administrator")
    sandbox.create("companies", {"name": "Birkenwerk"})
    with app.app_context():
        pulling.connected()
    assert logged_in(administrator).post("/runs", data={"kind": "pull"}).status_code == 303
    loses(services_of(app), administrator.id)
    with app.app_context():
        [run] = pulling.all_rows(Run)
        assert (run.started_by_id, pulling.worked_off(run.id).state) == (administrator.id, "finished")
        assert pulling.names(pulling.companies()) == ["Birkenwerk"]


def test_what_waits_for_another_press_is_an_administrators_of_that_moment(
    app: Flask, logged_in: LogIn, administrator: User
) -> None:
    add_user(app, "bo@example.com", "Bo Boss", "administrator")
    client = logged_in(administrator)
    with app.app_context():
        connection_id = make_connection().id
        of_them = {"started_by_id": administrator.id, "state": "finished"}
        preview_id = make_run(connection_id, kind="delete", is_preview=True, **of_them).id
        asking_id = make_run(connection_id, kind="pull", state="running", approval="asked").id
    demote(services_of(app), administrator.id)
    for address in (
        f"/sync-log/{preview_id}/preview",
        f"/runs/{asking_id}/answer",
        f"/runs/{asking_id}/continuation",
    ):
        answer = client.post(address, data={"answer": "go"})
        assert answer.status_code == 403, address
