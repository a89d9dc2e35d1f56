"""A book with something of everything goes back some revisions and forth again, on either database."""

from __future__ import annotations

from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.applications.services import current_services, reading
from tests.support.samples import everything
from tests.support.samples.factories import make_connection
from webapp.models import Base, Run
from webapp.models.people.users import User

_REVISION = "0018"
# Rows that the former revision had no place for.
_NEWER = (
    *("write_generations", "installations", "possible_duplicates"),
    *("csv_imports", "csv_import_rows", "hourly_changes"),
)
_NEWER_KIND = "import"


@pytest.mark.usefixtures("in_app")
def test_rows_outlive_the_way_back_and_forth(app: Flask, administrator: User) -> None:
    assert app.testing
    everything.fill(make_connection().id, administrator.id)
    before = _counts()
    current_services().database.dispose()
    flask_migrate.downgrade(revision=_REVISION)
    flask_migrate.upgrade()
    assert _counts() == before
    assert sum(before.values()) > 20
    current_services().database.dispose()


def _counts() -> dict[str, Any]:
    with reading() as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name not in _NEWER
        }
        known = select(func.count()).where(Run.kind != _NEWER_KIND)
        return counts | {Run.__tablename__: session.scalar(known)}
