"""Whoever makes a record or brings one back puts it into the queue of searches, once."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_connection, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.book import Book
from tests.support.usecases.deleting import deleted
from tests.support.usecases.undoing import undo_of
from webapp.models import SearchChange, User
from webapp.store.records import records
from webapp.usecases.duplicates import decisions
from webapp.usecases.records import search_texts

pytestmark = pytest.mark.every_database


def _queued() -> list[tuple[str, int]]:
    with reading() as session:
        return [(row.what, row.record_id) for row in session.query(SearchChange).order_by(SearchChange.id)]


def _up_to_date() -> None:
    search_texts.bring_all_up_to_date(current_services())
    assert not _queued()


@pytest.mark.usefixtures("in_app")
def test_a_pull_queues_what_it_makes(sandbox: SandboxServer) -> None:
    sandbox.reset(companies=3, contacts=5)
    pulling.pulled(pulling.connected())
    made = [("companies", one.id) for one in pulling.companies()]
    made += [("contacts", one.id) for one in pulling.contacts()]
    assert len(made) > 3
    assert [one for one in _queued() if one[0] != "contacts_of"] == made


@pytest.mark.usefixtures("in_app")
def test_many_that_are_stored_at_once_are_queued() -> None:
    with writing() as session:
        ids = records.insert_many(session, "companies", [{"name": "Nord"}, {"name": "Süd"}])
    assert sorted(_queued()) == [("companies", one) for one in ids]


def test_a_record_made_by_its_form_is_queued(app: Flask, book: Book) -> None:
    number = book.add("companies", name="Nordlicht")
    with app.app_context():
        assert _queued() == [("companies", number)]


@pytest.mark.usefixtures("in_app")
def test_a_record_that_an_undo_brings_back_is_queued() -> None:
    make_connection()
    contact = make_contact(make_company().id)
    run = deleted("contacts", contact.id)
    _up_to_date()
    assert undo_of(run.id).state == "finished"
    assert ("contacts", contact.id) in _queued()


@pytest.mark.usefixtures("in_app")
def test_a_merged_record_that_is_taken_apart_is_queued(member: User) -> None:
    winner, loser = make_company(name="Nord").id, make_company(name="Nordlicht").id
    decisions.merge_group(
        current_services(), "companies", winner, {winner: 1, loser: 1}, values_from={}, user_id=member.id
    )
    _up_to_date()
    decisions.take_apart(current_services(), "companies", loser, user_id=member.id)
    assert ("companies", loser) in _queued()
