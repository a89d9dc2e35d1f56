"""What shares the values of an index's columns is counted by the index, each group as far as is cheap."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.applications.services import reading, writing
from tests.support.databases.plans import plan_of
from tests.support.databases.statements import sent_statements
from tests.support.samples.factories import make_connection, make_remote_object
from webapp.models import RemoteObject
from webapp.store.records.listing.groups import counted_groups

_COLUMNS = ("state", "reason", "object_type")


def _fill(connection_id: int) -> Counter[tuple[str, str, str]]:
    kinds = [
        (state, reason, kind)
        for state in ("excluded", "held", "waiting")
        for reason in ("rule_excluded", "company_held")
        for kind in ("companies", "contacts")
    ]
    found: Counter[tuple[str, str, str]] = Counter()
    for number in range(40):
        state, reason, kind = what = kinds[number * number % len(kinds)]
        make_remote_object(connection_id, str(number), state=state, reason=reason, object_type=kind)
        found[what] += 1
    return found


@pytest.mark.usefixtures("in_app")
def test_groups_are_those_of_a_group_by() -> None:
    connection, other = make_connection(), make_connection("99")
    expected = _fill(connection.id)
    make_remote_object(other.id, "1", state="held", reason="other", object_type="contacts")
    with reading() as session:
        found = counted_groups(session, RemoteObject, _COLUMNS, connection_id=connection.id)
    assert {(state, reason, kind): count for state, reason, kind, count in found} == expected
    assert len(found) > 3


@pytest.mark.usefixtures("in_app")
def test_a_group_is_counted_up_to_a_limit() -> None:
    connection = make_connection()
    expected = _fill(connection.id)
    with reading() as session:
        found = counted_groups(session, RemoteObject, _COLUMNS, most=2, connection_id=connection.id)
    assert {count for *_, count in found} == {min(count, 2) for count in expected.values()}


@pytest.mark.usefixtures("in_app")
def test_of_nothing_there_are_no_groups() -> None:
    with reading() as session:
        assert counted_groups(session, RemoteObject, _COLUMNS, connection_id=1) == []


@pytest.mark.usefixtures("in_app")
def test_groups_are_found_by_all_columns_of_the_index() -> None:
    """By the first column alone SQLite would go through all rows that have its value."""
    connection = make_connection()
    _fill(connection.id)
    with writing() as session, sent_statements() as sent:
        counted_groups(session, RemoteObject, _COLUMNS, connection_id=connection.id)
        plan = plan_of(session, sent[-1])
    assert "Seq Scan" not in plan
    assert "SCAN remote_objects" not in plan
    if "SEARCH" in plan:
        assert "connection_id=? AND state=? AND reason=? AND object_type>?" in plan
        assert "connection_id=? AND state=? AND reason>?" in plan
