"""A portal that was restored to an earlier state: its objects are older than what was read of them (B47)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_contact
from tests.support.samples.quiet_portal import Portal
from tests.support.usecases import pulling, pushing
from tests.support.usecases.editing import edit
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.options import PushOptions
from webapp.models import Run, User
from webapp.store.reconcile import walk as reconcile_walk

pytestmark = pytest.mark.one_database


@pytest.fixture
def restored(portal: Portal) -> Portal:
    """Since the savepoint one contact was renamed, one made, one deleted, and one moved; all were read."""
    sandbox = portal.sandbox
    sandbox.take_savepoint()
    renamed, deleted, moved = portal.contacts
    firm = str(sandbox.create("companies", {"name": "Suedwind", "domain": "s.de"})["id"])
    sandbox.update("contacts", renamed, {"firstname": "Later"})
    sandbox.archive("contacts", deleted)
    sandbox.update("contacts", moved, {}, companies=[firm])
    portal.contacts.append(portal.add_contact("Made later", email="later@n.de"))
    portal.reconciled(is_full=True)
    assert pulling.contact(1).first_name == "Later"
    sandbox.roll_back()
    # The search for changes looks back by some minutes, which a test has not passed: it is to find nothing.
    with writing() as session:
        reconcile_walk.move_watermark(session, portal.connection_id, datetime.now(UTC) + timedelta(hours=1))
    return portal


@pytest.mark.every_database
def test_the_comparison_takes_the_portal_as_it_is_now(restored: Portal) -> None:
    restored.reconciled(is_full=True)
    assert [one.first_name for one in pulling.contacts()] == ["P0", "P1", "P2", "Made later"]
    assert {pulling.contact(number).company_id for number in (1, 2, 3)} == {1}
    states = [pulling.link_of(one).state for one in restored.contacts]
    assert states == ["linked", "linked", "linked", "gone"]


@pytest.mark.every_database
def test_what_the_rules_admit_again_comes_in(portal: Portal) -> None:
    """What was left out is known by its time as well, which is a later one than it has now."""
    pulling.add_rule(portal.connection_id, "contacts", {"field": "city", "operator": "is", "value": "Kiel"})
    number = portal.add_contact("Ada", email="ada@n.de", city="Kiel")
    portal.sandbox.take_savepoint()
    portal.sandbox.update("contacts", number, {"city": "Ulm"})
    portal.reconciled(is_full=True)
    assert number not in [link.remote_id for link in pulling.links("contacts")]
    portal.sandbox.roll_back()
    with writing() as session:
        reconcile_walk.move_watermark(session, portal.connection_id, datetime.now(UTC) + timedelta(hours=1))
    portal.reconciled(is_full=True)
    assert number in [link.remote_id for link in pulling.links("contacts")]


@pytest.mark.every_database
def test_the_log_keeps_the_later_values_for_an_undo(restored: Portal) -> None:
    run = restored.reconciled(is_full=True)
    changes = {one.record_id: one.changes for one in pulling.entries(run.id) if one.object_type == "contacts"}
    assert changes[1] == [["first_name", "Later", "P0"]]


def test_no_object_is_out_of_date_for_ever(restored: Portal) -> None:
    restored.reconciled(is_full=True)
    last = pulling.pulled(restored.connection_id)
    assert {outcome for of_type in last.counts.values() for outcome in of_type} == {"unchanged"}


def test_an_edit_that_was_not_sent_yet_survives_and_is_sent(restored: Portal) -> None:
    edit(3, phone="+49 228 222222")
    restored.reconciled(is_full=True)
    assert pulling.contact(3).phone == "+49 228 222222"
    pushing.pushed(restored.connection_id)
    assert restored.sandbox.get("contacts", restored.contacts[2])["properties"]["phone"] == "+49 228 222222"


def test_its_way_on_leads_back_to_what_both_sides_held(
    portal: Portal, administrator: User, logged_in: Callable[[User], FlaskClient]
) -> None:
    """Newer values come back by an undo that sends them, and what is not there any more is made again."""
    sandbox, renamed = portal.sandbox, portal.contacts[0]
    pushing.give_key(sandbox, portal.connection_id)
    sandbox.take_savepoint()
    sandbox.update("contacts", renamed, {"firstname": "Later"})
    ours = make_contact(1, first_name="Ours", email="ours@n.de").id
    portal.reconciled()
    pushing.pushed(portal.connection_id)
    names = [one.first_name for one in pulling.contacts()]
    sandbox.roll_back()

    run = portal.reconciled(is_full=True)
    pages = logged_in(administrator)
    listed = read_page(pages.get("/contacts?linked=gone").text)
    assert listed.leads_to(f"/contacts/{ours}")
    assert not listed.leads_to("/contacts/1")
    undo_of(run.id, sends=True)
    bound_jobs().begin_auto_push(portal.connection_id)
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    form = read_page(pages.get("/contacts/changes?do=push&which=all&linked=gone").text).one("main")
    answer = pages.post("/contacts/changes", data=form.form_values())
    again = pulling.worked_off(int(answer.location.rpartition("/")[2]))

    assert (again.state, again.counts["contacts"]) == ("finished", {"created": 1})
    assert [one.first_name for one in pulling.contacts()] == names
    there = {one["firstname"]: one["id"] for one in pushing.objects(sandbox, "contacts", "firstname")}
    assert sorted(there) == sorted(str(name) for name in names)
    assert pulling.link_of(there["Ours"]).record_id == ours
    assert {link.state for link in pulling.links()} == {"linked"}


def test_what_is_gone_stays_so_where_a_push_does_not_ask_for_it(restored: Portal) -> None:
    restored.reconciled(is_full=True)
    assert pushing.pushed(restored.connection_id).counts["contacts"].get("created") is None
    run_id = pulling.begun(restored.connection_id, "push", options=PushOptions(makes_again=True))
    assert pulling.worked_off(run_id).counts["contacts"]["created"] == 1
    assert [link.state for link in pulling.links("contacts")] == ["linked"] * 4
