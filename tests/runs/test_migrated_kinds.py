"""Runs of before there were a kind for decisions and columns for what is asked are brought along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.applications.services import current_services, reading
from tests.support.samples.factories import make_connection, make_run
from webapp.models import Run

_REVISION = "0019"
_QUESTION = {"changed": 3, "links": 4, "samples": []}
# Kind, trigger and options before; kind, options, approval and question after.
_RUNS: list[tuple[str, str, dict[str, Any], tuple[str, dict[str, Any], str | None, Any]]] = [
    ("refresh", "button", {"decisions": True}, ("decisions", {}, None, None)),
    # One decision alone: nobody but who decides begins a refresh by a button.
    ("refresh", "button", {}, ("decisions", {}, None, None)),
    ("refresh", "schedule", {"decisions": True}, ("decisions", {}, None, None)),
    ("refresh", "notice", {}, ("refresh", {}, None, None)),
    ("refresh", "notice", {"question": _QUESTION}, ("refresh", {}, "asked", _QUESTION)),
    ("auto_push", "edit", {"is_allowed": True}, ("auto_push", {}, "given", None)),
    (
        *("reconcile", "schedule", {"is_full": True, "question": _QUESTION}),
        ("reconcile", {"is_full": True}, "asked", _QUESTION),
    ),
    (
        "pull",
        "button",
        {"fields": {"companies": ["city"]}},
        ("pull", {"fields": {"companies": ["city"]}}, None, None),
    ),
]


@pytest.fixture
def at_the_revision_before(in_app: Flask) -> Iterator[None]:
    """The rows of before, in tables of before."""
    assert in_app.testing
    connection_id = make_connection().id
    for kind, trigger, options, _ in _RUNS:
        make_run(connection_id, kind=kind, trigger=trigger, options=options)
    _go_before()
    yield
    current_services().database.dispose()


def _go_before() -> None:
    current_services().database.dispose()
    flask_migrate.downgrade(revision=_REVISION)
    flask_migrate.downgrade()


@pytest.mark.usefixtures("at_the_revision_before")
def test_runs_are_brought_along_and_back() -> None:
    flask_migrate.upgrade()
    with reading() as session:
        after = [tuple(row) for row in session.execute(_known(Run.approval, Run.question))]
    assert after == [expected for *_, expected in _RUNS]
    _go_before()
    with reading() as session:
        before = [tuple(row) for row in session.execute(_known())]
    # That a run was of one decision alone is not known any more.
    expected = [(kind, options) for kind, _, options, _ in _RUNS]
    expected[1] = ("refresh", {"decisions": True})
    assert before == expected


def _known(*more: Any) -> Any:
    return select(Run.kind, Run.options, *more).order_by(Run.id)
