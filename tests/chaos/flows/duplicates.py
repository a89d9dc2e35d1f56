"""Possible duplicates: the book scanned for them, merged here, merged in HubSpot too, and kept apart."""

from __future__ import annotations

from collections.abc import Callable

from tests.chaos.beds.bed import Bed
from tests.chaos.flows.flow import Flow, all_agree, all_finished, contacts_of, pulled, record_named
from tests.support.applications.services import current_services
from tests.support.invariants.laws import Picture
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import expected_pairs, ids_listed, list_pair, pairs_listed
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.models import Run, ScanKey
from webapp.usecases.duplicates import merge_run, scan

_STAYS = "Firm 4"
_GOING = ("Firm 5", "Firm 7")
_RESEMBLING = (
    ("Nordlicht Verlag", "nordlicht-verlag.de"),
    ("Nordlicht Verlag GmbH", "nordlicht-verlag.de"),
    ("Nordlicht Verlagsgesellschaft", "nordlicht.de"),
    ("Suedwerk Kiel", "suedwerk.de"),
    ("Südwerk Kiel AG", "suedwerk-kiel.de"),
)


def _begin_merge(*, is_also_there: bool) -> Callable[[Bed, int], None]:
    def begin(bed: Bed, _: int) -> None:
        """An administrator merges three companies of a group into one."""
        here = {one.tag: int(one.id) for one in bed.world.here("companies")}
        # Begun once more after a refusal, some may have been merged already.
        records = tuple(here[name] for name in (_STAYS, *_GOING) if name in here)
        if len(records) == 1:
            return
        options = MergeDuplicatesOptions(
            object_type="companies", records=records, stays=records[0], is_also_there=is_also_there
        )
        merge_run.start(current_services(), options, user_id=bed.user_id)

    return begin


begin_merge_here = _begin_merge(is_also_there=False)


def listed(bed: Bed) -> int:
    """Everything pulled, and some companies listed as possible duplicates."""
    pulled(bed)
    stays = record_named(bed, "companies", _STAYS)
    for name in _GOING:
        list_pair("companies", stays, record_named(bed, "companies", name))
    return 0


def _begin_apart(bed: Bed, _: int) -> None:
    """An administrator says of all that are listed that they are not the same."""
    options = MergeDuplicatesOptions(object_type="companies", verb="not_the_same")
    merge_run.start(current_services(), options, user_id=bed.user_id)


def _judge_merged_here(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """One company has the contacts of all, here and in HubSpot, where the objects stay as they are."""
    _insist_on_one_here(before, after)
    assert after.there["companies"] == before.there["companies"]
    _insist_on_contacts_there(before, after)
    all_agree(after)
    all_finished()


def _judge_merged_there(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """One company has the contacts of all, here, and one object in HubSpot."""
    _insist_on_one_here(before, after)
    objects = {remote_id for remote_id, _ in (before.links["companies"][one] for one in _numbers(before))}
    alive = {one.id for one in after.there["companies"]}
    assert not objects & alive
    assert len(alive) == len(before.there["companies"]) - len(_GOING)
    _insist_on_contacts_there(before, after)
    all_agree(after)
    all_finished()


def _numbers(picture: Picture) -> list[str]:
    """The companies that are merged, first the one that stays."""
    firms = {one.tag: one.id for one in picture.here["companies"]}
    return [firms[name] for name in (_STAYS, *_GOING)]


def _insist_on_one_here(before: Picture, after: Picture) -> None:
    stays, *going = _numbers(before)
    kept = [one for one in before.here["companies"] if one.id not in going]
    assert after.here["companies"] == kept
    assert set(after.links["companies"]) == set(before.links["companies"]) - set(going)
    contacts = [
        one._replace(company=stays) if one.company in going else one for one in before.here["contacts"]
    ]
    assert after.here["contacts"] == contacts


def _insist_on_contacts_there(before: Picture, after: Picture) -> None:
    stays, *going = _numbers(before)
    merged_into, state = after.links["companies"][stays]
    assert state == "linked"
    there = {one.id: one.company for one in after.there["contacts"]}
    for number in (stays, *going):
        for contact in contacts_of(before.here["contacts"], number):
            assert there[after.links["contacts"][contact.id][0]] == merged_into


def _judge_apart(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """It is remembered, and nothing else has changed."""
    assert after == before
    assert len(ids_listed("not_the_same")) == len(_GOING)
    all_finished()


def _resembling(bed: Bed) -> int:
    """Everything pulled, and some records made here that look like others."""
    pulled(bed)
    for name, domain in _RESEMBLING:
        bed.world.add_here("companies", name, domain)
    company = str(record_named(bed, "companies", _RESEMBLING[0][0]))
    for tag, email in (("Rothenburg", "e.rothenburg@web.de"), ("Rotenburg", "eva@rothenburg.de")):
        bed.world.add_here("contacts", tag, email, company)
    return 0


def _begin_scan(bed: Bed, _: int) -> None:
    """An operator has the whole book scanned."""
    bed.operate("duplicates", "scan")


def _judge_scan(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Each pair is listed once and counted once, no pair is lost, and nothing else has changed."""
    assert after == before
    assert {kind for kind, *_ in expected_pairs()} == {*OBJECT_TYPES}
    listed = [(row.object_type, row.lower_id, row.higher_id) for row in pairs_listed("open")]
    assert sorted(listed) == sorted(expected_pairs())
    # One that was cut off ahead of its answer is called again, and may begin another scan.
    runs = pulling.all_rows(Run, kind=scan.FIND_DUPLICATES)
    assert runs
    for kind in OBJECT_TYPES:
        pairs = [ids for object_type, *ids in listed if object_type == kind]
        counts = [run.counts[kind] for run in runs]
        assert sum(one["held"] for one in counts) == len(pairs)
        assert [one["held"] + one["unchanged"] for one in counts] == [
            max(len(after.here[kind]), one["held"]) for one in counts
        ]
    logged = [
        (entry.object_type, entry.record_id, (entry.detail or {})["record_id"])
        for run in runs
        for entry in pulling.entries(run.id)
    ]
    assert sorted(logged) == sorted(listed)
    assert pulling.all_rows(ScanKey) == []
    all_finished()


FLOWS = (
    Flow("scan of the book", _resembling, _begin_scan, _judge_scan),
    Flow("merge here", listed, begin_merge_here, _judge_merged_here),
    Flow("merge in HubSpot", listed, _begin_merge(is_also_there=True), _judge_merged_there),
    Flow("not the same", listed, _begin_apart, _judge_apart),
)
