"""Candidates are looked up by keys with an index, and few of each (B31)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.applications.services import current_services, reading
from tests.support.databases.statements import sent_statements
from tests.support.plain.plain import MAPPINGS, remote
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from webapp.domain.matching.candidates import MOST_OF_A_KEY
from webapp.domain.pull.facts import Facts
from webapp.domain.records.fields import ObjectType
from webapp.models import Base
from webapp.store.pull.facts import gather

_OF_FEW_ROWS = {"installations", "connections"}
# As SQLite and PostgreSQL word it in their plans; the first entry of an index of few is none of it.
_READ_WHOLE = re.compile(r"(?:SCAN|Seq Scan on) (\w+)(?! USING (?:COVERING )?INDEX ix_\w+_unlinked_)")
# How SQLite says that it answers by the index alone.
_BY_INDEX = re.compile(r"USING (COVERING )?INDEX ix_\w+_unlinked_(?!by_)")


def _found(connection_id: int, object_type: ObjectType, **properties: Any) -> Facts:
    with reading() as session:
        return gather(session, connection_id, MAPPINGS[object_type], [remote("77", **properties)])


def test_a_number_that_very_many_share_brings_only_a_few_of_them(connection_id: int) -> None:
    for number in range(MOST_OF_A_KEY + 20):
        make_contact(first_name=f"Person{number}", email=None, phone="030 1234567")
    record = make_contact(first_name="Zoe", last_name="Zander", email=None, phone="030 1234567")
    found = _found(connection_id, "contacts", firstname="Zoe", lastname="Zander", phone="+49 30 1234567")
    assert len(found.index.known) <= MOST_OF_A_KEY + 1
    assert record.id in found.index.known, "the same name at that number is found however many share it"


def test_one_domain_of_very_many_companies_brings_only_a_few_of_them(connection_id: int) -> None:
    for number in range(MOST_OF_A_KEY + 20):
        make_company(name=f"Firm {number}", domain="n.de")
    assert len(_found(connection_id, "companies", name="Other", domain="n.de").index.known) == MOST_OF_A_KEY


@pytest.mark.parametrize(
    "there",
    [
        {"firstname": "Jonsa", "lastname": "Wieland", "phone": "+49 30 1234567"},
        {"firstname": "Jonas", "lastname": "Weiland", "zip": "10 115"},
    ],
)
def test_who_looks_alike_is_found_by_phone_or_postcode(connection_id: int, there: dict[str, str]) -> None:
    record = make_contact(email=None, phone="030/1234567", postcode="10115")
    assert set(_found(connection_id, "contacts", **there).index.known) == {record.id}


def test_who_merely_looks_alike_and_is_linked_is_not_even_read(connection_id: int) -> None:
    record = make_contact(email=None, phone="030/1234567", postcode="10115")
    make_link(connection_id, "contacts", record.id, "5")
    there = {"firstname": "Jonsa", "lastname": "Wieland", "phone": "+49 30 1234567", "zip": "10115"}
    assert not _found(connection_id, "contacts", **there).index.known


def test_beside_a_second_connection_links_say_who_is_linked(connection_id: int) -> None:
    other_id = make_connection(portal_id="4711002").id
    record = make_contact(email=None, phone="030/1234567", postcode="10115")
    make_link(connection_id, "contacts", record.id, "5")
    there = {"firstname": "Jonsa", "lastname": "Wieland", "phone": "+49 30 1234567", "zip": "10115"}
    assert not _found(connection_id, "contacts", **there).index.known
    assert set(_found(other_id, "contacts", **there).index.known) == {record.id}


@pytest.mark.parametrize("object_type", ["companies", "contacts"])
def test_no_look_up_reads_a_table_whole(connection_id: int, object_type: ObjectType) -> None:
    plans = _plans_of_look_ups(connection_id, object_type)
    read_whole = [
        line
        for line in plans
        if (found := _READ_WHOLE.search(line)) and found[1] in Base.metadata.tables.keys() - _OF_FEW_ROWS
    ]
    assert not read_whole


@pytest.mark.sqlite
@pytest.mark.parametrize(("object_type", "keys"), [("companies", 4), ("contacts", 8)])
def test_who_shares_a_key_is_found_without_reading_a_row(
    connection_id: int, object_type: ObjectType, keys: int
) -> None:
    make_contact(email=None)
    make_company()
    found = [
        by[1] for line in _plans_of_look_ups(connection_id, object_type) if (by := _BY_INDEX.search(line))
    ]
    assert len(found) > keys
    assert all(found)


def _plans_of_look_ups(connection_id: int, object_type: ObjectType) -> list[str]:
    with sent_statements() as sent:
        _found(connection_id, object_type, email="a@n.de", domain="n.de", name="Nord", phone="030 1234567")
    queries = [one for one in sent if one.sql.lstrip().startswith("SELECT")]
    assert len(queries) >= 5
    with current_services().database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        return [
            str(row[-1])
            for one in queries
            for row in connection.exec_driver_sql(explain + one.sql, one.parameters)
        ]
