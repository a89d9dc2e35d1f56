"""What a database error says, and what is logged of it, names no value of a record or person."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.support.applications.services import writing
from webapp.installation.bare_errors import without_values
from webapp.models import User

_PERSON = "eve@example.com"


def _user(**values: object) -> dict[str, Any]:
    return {
        "email": _PERSON,
        "name": _PERSON,
        "role": "member",
        "password_hash": _PERSON,
        "created_at": datetime.now(UTC),
        **values,
    }


def _add_one_by_one(rows: list[dict[str, Any]]) -> None:
    with writing() as session:
        for row in rows:
            session.execute(insert(User).values(row))


def _everything(error: BaseException) -> str:
    """All that is printed of an error, by whichever way."""
    logged = structlog.processors.format_exc_info(None, "error", {"exc_info": error})["exception"]
    return f"{error} {error!r} {error.__cause__} {error.__cause__!r} {logged} " + "".join(
        traceback.format_exception(error)
    )


@pytest.mark.parametrize(
    "rows",
    [
        [_user(), _user(name="Another")],
        [_user(name=None)],
    ],
    ids=["taken", "missing"],
)
def test_a_broken_constraint_names_no_value(in_app: Flask, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(IntegrityError) as raised:
        _add_one_by_one(rows)
    shown = _everything(raised.value)
    assert in_app.testing
    assert "users" in shown
    assert _PERSON not in shown


def test_many_rows_at_once_name_no_value(in_app: Flask) -> None:
    with pytest.raises(IntegrityError) as raised, writing() as session:
        session.execute(insert(User), [_user(), _user(name="Another")])
    assert in_app.testing
    assert _PERSON not in _everything(raised.value)


def test_a_wrong_statement_names_no_value_but_what_is_wrong(in_app: Flask) -> None:
    with pytest.raises(DBAPIError) as raised, writing() as session:
        session.execute(text("SELECT email FROM no_such_table WHERE email = :email"), {"email": _PERSON})
    shown = _everything(raised.value)
    assert in_app.testing
    assert "no_such_table" in shown
    assert _PERSON not in shown


@pytest.mark.parametrize(
    ("sqlstate", "message", "shown"),
    [
        (
            "22P02",
            'invalid input syntax for type integer: "a "b" c\nd"',
            "invalid input syntax for type integer: …",
        ),
        ("22P02", "Syntaxe en entrée invalide : « Ève »", "Syntaxe en entrée invalide : …"),
        ("22003", 'value "5" is out of range for type integer', "value … is out of range for type integer"),
        (
            "22001",
            "value too long for type character varying(9)",
            "value too long for type character varying(9)",
        ),
        (
            "23505",
            'violates unique constraint "uq_users_email"',
            'violates unique constraint "uq_users_email"',
        ),
    ],
)
def test_only_messages_about_data_lose_what_they_quote(sqlstate: str, message: str, shown: str) -> None:
    assert without_values(sqlstate, message) == shown
