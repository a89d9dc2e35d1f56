"""Look-ups in tables that grow large go by an index made for them, on either database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.applications.services import writing
from tests.support.samples.factories import make_connection, make_remote_object
from webapp.store.database.lists import dialect_of
from webapp.store.push.facts import met_companies_query


@pytest.mark.usefixtures("in_app")
def test_met_companies_are_looked_up_by_their_domain() -> None:
    connection_id = make_connection().id
    for number in range(400):
        make_remote_object(connection_id, str(number), object_type="companies", domain_key=f"firm{number}.de")
    with writing() as session:
        query = met_companies_query(session, connection_id, ["firm3.de", "firm4.de"])
        assert len(session.execute(query).all()) == 2
        assert "ix_remote_objects_domain_key" in _plan(session, query)


def _plan(session: Session, query: Any) -> str:
    compiled = query.compile(dialect=session.get_bind().dialect)
    is_sqlite = dialect_of(session) == "sqlite"
    if not is_sqlite:
        # Without statistics it guesses, and so few rows it would read whole.
        session.execute(text("ANALYZE remote_objects"))
        session.execute(text("SET LOCAL enable_seqscan = off"))
    given = compiled.construct_params()
    values = tuple(given[name] for name in compiled.positiontup) if is_sqlite else given
    rows = session.connection().exec_driver_sql(
        f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{compiled}", values
    )
    return "\n".join(str(row[-1]) for row in rows)
