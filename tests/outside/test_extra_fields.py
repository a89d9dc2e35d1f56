"""Fields that no form has: whoever adds them to one gets nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.applications.services import reading
from webapp.domain.records.fields import FIELDS_BY_NAME
from webapp.models import Base, Company, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]

EVERY_COLUMN = {
    name: "77" for table in Base.metadata.sorted_tables for name in (column.name for column in table.columns)
}


def only(app: Flask, table: Any) -> dict[str, Any]:
    """The one row of a table."""
    with app.app_context(), reading() as session:
        return dict(session.execute(select(table.__table__)).mappings().one())


def test_nobody_makes_themselves_somebody_else_by_their_profile(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client, before = logged_in(member), only(app, User)
    form = {"name": "Another", "email": member.email, "time_zone": "", "language": "", "is_active": ""}
    forged = EVERY_COLUMN | {"role": "administrator", "user_id": "1"} | form
    assert client.post("/profile", data=forged).status_code == 303
    assert only(app, User) == before | {"name": "Another"}
    assert client.get("/people").status_code == 403


def test_a_record_takes_the_fields_of_its_form_alone(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    forged = {name: text for name, text in EVERY_COLUMN.items() if name not in FIELDS_BY_NAME["companies"]}
    form = forged | {"version": "1", "seen": "{}"}
    assert client.post("/companies", data=form | {"name": "Nord"}).status_code == 303
    made = only(app, Company)
    assert (made["name"], made["version"], made["id"]) == ("Nord", 1, 1)
    assert client.post("/companies/1", data=form | {"name": "Nordlicht"}).status_code == 303
    changed = only(app, Company)
    assert (changed["name"], changed["version"], changed["id"]) == ("Nordlicht", 2, 1)
    assert changed["created_at"] == made["created_at"]
