"""Merging in bulk and in HubSpot as runs: foreseen, announced, carried out once, undone here (B53, B46)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.samples.factories import NOW, make_company, make_contact
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing
from tests.support.usecases.duplicates import ids_listed, list_pair, pairs_listed
from tests.support.usecases.undoing import links_now, records_now, undo_of
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.domain.webhooks.events import read_events
from webapp.models import Company, Link, MergedRecord, PlannedRecord, PrivacyDeletion, RemoteObject, Run, User
from webapp.store.duplicates import pairs
from webapp.store.runs import entries as log_entries
from webapp.store.webhooks import inbox
from webapp.usecases.duplicates import foresight, merge_in_hubspot, merge_run
from webapp.usecases.privacy import erase
from webapp.usecases.runs import lifecycle, retention, slices

NAMES = ("Nordlicht Verlag", "Nordlicht Verlag GmbH")


def _alike(place: int, **values: Any) -> int:
    given = {"name": f"{NAMES[place % 2]} {place // 2}", "domain": f"nordlicht{place // 2}.de", **values}
    return make_company(**given).id


def _run(user: User, *, is_preview: bool = False, **options: Any) -> Run:
    started = merge_run.start(
        current_services(), MergeDuplicatesOptions(**options), user_id=user.id, is_preview=is_preview
    )
    return pulling.worked_off(started.run_id)


def _ended(run: Run) -> list[tuple[int | None, str, str | None]]:
    return [(one.record_id, one.outcome, one.reason) for one in pulling.entries(run.id)]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_a_preview_foretells_the_run_and_an_undo_puts_everything_back(administrator: User) -> None:
    numbers = [_alike(place, city="Ulm" if place % 2 else None) for place in range(6)]
    for one, other in zip(numbers[::2], numbers[1::2], strict=True):
        list_pair("companies", one, other)
        make_contact(one)
        make_contact(other)
    before = records_now()
    preview = _run(administrator, is_preview=True, stay_rule="older")
    assert records_now() == before
    assert ids_listed("merged") == []
    run = _run(administrator, stay_rule="older")
    assert run.state == "finished"
    assert _ended(preview) == _ended(run)
    assert _ended(run) == [(one, "updated", "merged_duplicate") for one in numbers[::2]]
    assert run.totals == {"companies": 3}
    assert [(row.id, row.city) for row in pulling.companies()] == [(one, "Ulm") for one in numbers[::2]]
    assert pulling.all_rows(PlannedRecord) == []
    undo_preview = undo_of(run.id, is_preview=True)
    undo = undo_of(run.id)
    assert _ended(undo_preview) == _ended(undo)
    assert {reason for _, _, reason in _ended(undo)} == {"taken_apart"}
    assert records_now() == before
    assert len(ids_listed("open")) == 3
    assert {reason for _, _, reason in _ended(undo_of(run.id))} == {"undo_merge_gone"}


@pytest.mark.usefixtures("connection_id")
def test_what_does_not_look_alike_any_more_and_a_second_pair_of_a_record_are_left(
    administrator: User,
) -> None:
    one, two, three = (_alike(0, name=f"Nordlicht Verlag{more}") for more in ("", " GmbH", " AG"))
    list_pair("companies", one, two)
    list_pair("companies", one, three)
    list_pair("companies", *(make_company(name=name, domain=None).id for name in ("Ulme", "Zink")))
    preview = _run(administrator, is_preview=True)
    run = _run(administrator)
    reasons = ["merged_duplicate", "merged_in_this_run", "not_alike_now"]
    assert [reason for _, _, reason in _ended(run)] == reasons
    assert [reason for _, _, reason in _ended(preview)] == reasons
    assert (one, three) in ids_listed("open")


@pytest.mark.usefixtures("connection_id")
def test_a_run_is_about_what_the_filter_shows_and_goes_on_where_it_was_killed(
    administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [_alike(place) for place in range(6)]
    for one, other in zip(numbers[::2], numbers[1::2], strict=True):
        list_pair("companies", one, other, evidence=("same_phone" if one == numbers[0] else "same_domain",))
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    started = merge_run.start(
        current_services(), MergeDuplicatesOptions(sign="same_domain"), user_id=administrator.id
    )
    with killed_after(log_entries, "write_entries", 1), pytest.raises(PowerCutError):
        pulling.worked_off(started.run_id)
    assert len(pulling.companies()) == 6
    run = finished_in_the_end(pulling.wait_is_over(started.run_id))
    assert run.counts == {"companies": {"updated": 2}}
    assert [row.id for row in pulling.companies()] == [*numbers[:2], numbers[2], numbers[4]]


@pytest.fixture
def both(sandbox: SandboxServer, connection_id: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two linked companies that look alike, as numbers 1 and 2."""
    pulling.hasty_retries(monkeypatch)
    names = (("Nordlicht Verlag", None), ("Nordlicht Verlag GmbH", "0431 1234567"))
    objects = []
    for place, (name, phone) in enumerate(names):
        given = {"name": name, "domain": f"nordlicht{place}.de", "city": "Kiel"}
        one = sandbox.create("companies", given | ({"phone": phone} if phone else {}))
        sandbox.create(
            "contacts", {"firstname": "Eva", "email": f"eva@nordlicht{place}.de"}, [str(one["id"])]
        )
        objects.append(str(one["id"]))
    pulling.pulled(connection_id)
    assert [row.record_id for row in pulling.links("companies")] == [1, 2]
    if (1, 2) not in ids_listed():
        list_pair("companies", 1, 2)
    return objects[0], objects[1]


def _linked() -> list[tuple[object, ...]]:
    """Which record is which object."""
    return [one[:4] for one in links_now()]


def _merged_there(user: User, **values_from: int) -> Run:
    return _run(user, records=(1, 2), stays=1, values_from=values_from, is_also_there=True)


def test_both_halves_are_merged_once_and_the_log_has_what_was_before(
    sandbox: SandboxServer, both: tuple[str, str], administrator: User, connection_id: int
) -> None:
    foreseen = foresight.foresee(current_services(), "companies", 1, [2])
    kept = {one.name: (one.value, one.is_filled, one.lost) for one in foreseen.kept}
    assert kept["phone"] == ("0431 1234567", True, ())
    assert kept["name"] == ("Nordlicht Verlag", False, ("Nordlicht Verlag GmbH",))
    run = _merged_there(administrator, name=2)
    assert (run.state, _ended(run)) == ("finished", [(1, "updated", "merged_both")])
    [link] = pulling.links("companies")
    survivor = sandbox.get("companies", link.remote_id)
    assert link.remote_id not in both
    assert survivor["properties"]["hs_merged_object_ids"] == ";".join(both)
    assert {kept_one: survivor["properties"][kept_one] for kept_one in kept if kept_one != "domain"} == {
        "phone": "0431 1234567",
        "name": "Nordlicht Verlag",
    }
    [entry] = pulling.entries(run.id)
    assert entry.detail is not None
    assert entry.detail["there"] == {"primary": both[0], "other": both[1], "survivor": link.remote_id}
    assert entry.detail["before"][both[1]]["name"] == "Nordlicht Verlag GmbH"
    [here] = pulling.companies()
    assert (here.name, here.phone) == ("Nordlicht Verlag GmbH", "0431 1234567")
    assert {row.company_id for row in pulling.contacts()} == {1}
    assert [row.announced for row in pairs_listed()] == [None]
    assert pulling.all_rows(RemoteObject) == []
    pushing.pushed(connection_id)
    assert sandbox.get("companies", link.remote_id)["properties"]["name"] == "Nordlicht Verlag GmbH"


@pytest.mark.one_database
def test_the_webhook_event_of_our_own_merge_does_nothing_again(
    both: tuple[str, str], administrator: User, connection_id: int
) -> None:
    _merged_there(administrator)
    before, links = records_now(), _linked()
    [link] = pulling.links("companies")
    events = [
        webhook_event(
            "company.merge", both[0], newObjectId=int(link.remote_id), primaryObjectId=int(both[0])
        ),
        *(webhook_event("company.deletion", one) for one in both),
    ]
    with writing() as session:
        found = [(connection_id, one) for one in read_events(events).events]
        inbox.add(session, found, pulling.company(1).updated_at)
    bound_jobs().begin_refresh(connection_id)
    [run] = [one for one in pulling.all_rows(Run) if one.kind == "refresh"]
    pulling.worked_off(run.id)
    assert _ended(run) == []
    assert (records_now(), _linked()) == (before, links)


@pytest.mark.one_database
def test_a_pull_after_it_brings_nothing_back(
    both: tuple[str, str], administrator: User, connection_id: int
) -> None:
    assert both
    _merged_there(administrator)
    before = records_now()
    run = pulling.pulled(connection_id)
    assert records_now() == before
    assert run.counts["companies"].get("created", 0) == 0


@pytest.mark.parametrize("kind", ["cut_after", "cut_before"])
def test_a_lost_answer_is_looked_up_and_never_merged_twice(
    sandbox: SandboxServer, both: tuple[str, str], administrator: User, kind: str
) -> None:
    sandbox.fault(kind, method="POST", path="/crm/objects/*/companies/merge")
    run = finished_in_the_end(_merged_there(administrator))
    assert _ended(run) == [(1, "updated", "merged_both")]
    [link] = pulling.links("companies")
    assert sandbox.get("companies", link.remote_id)["properties"]["hs_merged_object_ids"] == ";".join(both)


def test_a_merge_that_was_cut_off_is_completed_in_its_own_log(
    sandbox: SandboxServer, both: tuple[str, str], administrator: User
) -> None:
    with killed_after(merge_in_hubspot, "finish", 1), pytest.raises(PowerCutError):
        _merged_there(administrator)
    [cut] = [one for one in pulling.all_rows(Run) if one.kind == "merge_duplicates"]
    lifecycle.cancel(current_services(), cut.id)
    assert [row.record_id for row in pulling.links("companies")] == [1, 2]
    _run(administrator, sign="same_phone")
    assert _ended(cut) == [(1, "updated", "merged_both")]
    assert pulling.run_of(cut.id).counts == {"companies": {"updated": 1}}
    [link] = pulling.links("companies")
    assert link.remote_id not in both
    assert sandbox.counts()["companies"] == 1


@pytest.mark.one_database
def test_what_hubspot_refuses_is_left_here_as_well(
    sandbox: SandboxServer, both: tuple[str, str], administrator: User
) -> None:
    sandbox.fault("status", status=400, method="POST", path="/crm/objects/*/companies/merge", times=1)
    run = _merged_there(administrator)
    assert _ended(run) == [(1, "skipped", "merge_refused")]
    assert len(pulling.companies()) == 2
    assert [row.announced for row in pairs_listed()] == [None]
    sandbox.archive("companies", both[1])
    assert _ended(_merged_there(administrator)) == [(1, "skipped", "merge_object_gone")]


@pytest.mark.one_database
def test_an_undo_takes_apart_what_is_here_and_says_what_it_cannot(
    sandbox: SandboxServer, both: tuple[str, str], administrator: User
) -> None:
    assert both
    run = _merged_there(administrator)
    undo_of(run.id)
    assert [row.id for row in pulling.companies()] == [1, 2]
    [link] = pulling.links("companies")
    assert link.record_id == 1
    assert sandbox.counts()["companies"] == 1


@pytest.mark.one_database
def test_in_bulk_only_where_both_are_linked_hubspot_merges_too(
    sandbox: SandboxServer, both: tuple[str, str], administrator: User
) -> None:
    assert both
    with writing() as session:
        for number in (1, 2):
            session.get_one(Company, number).domain = "nordlicht.de"
        pairs.reopen(session, "companies", [(1, 2)])
    one, other = _alike(8), _alike(9)
    list_pair("companies", one, other)
    run = _run(administrator, is_also_there=True)
    assert sorted(_ended(run)) == [(1, "updated", "merged_both"), (one, "updated", "merged_duplicate")]
    assert sandbox.counts()["companies"] == 1


def test_what_a_merge_keeps_of_a_person_is_erased_with_the_rest(
    both: tuple[str, str], administrator: User, connection_id: int
) -> None:
    assert both
    _run(administrator, object_type="contacts", records=(1, 2), stays=1)
    given = {"connection_id": connection_id, "object_type": "contacts", "remote_id": "77", "record_id": 1}
    with writing() as session:
        session.add(PrivacyDeletion(**given, told_at=NOW, is_erased=False))
    assert erase.decide_deletion(current_services(), 1, user_id=administrator.id, erases=True)
    assert [one.kept for one in pulling.all_rows(MergedRecord)] == [None]


def test_what_a_merge_keeps_goes_with_the_log(both: tuple[str, str], administrator: User) -> None:
    assert both
    run = _run(administrator, records=(1, 2), stays=1)
    long_ago = timedelta(days=current_services().settings.log_retention_days + 1)
    with writing() as session:
        [row] = session.query(MergedRecord).all()
        row.merged_at -= long_ago
    retention.clear_old(current_services())
    assert [one.kept for one in pulling.all_rows(MergedRecord)] == [None]
    assert {reason for _, _, reason in _ended(undo_of(run.id))} == {"undo_merge_gone"}
    assert pulling.all_rows(Link)
