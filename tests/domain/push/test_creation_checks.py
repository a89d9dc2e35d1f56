"""Creation checks, decided from plain values: what becomes of an object that a search had not shown (B50)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.plain.plain import COMPANIES
from webapp.domain.push.creation_checks import (
    CHECKED_AFTER,
    SEARCH_LAG,
    Alike,
    Join,
    Keep,
    Made,
    PossibleDuplicate,
    Wait,
    WrittenValue,
    alike,
    decide,
    next_look,
    was_made_in_window,
    work_of_others,
)
from webapp.domain.push.facts import FoundObject

MADE_AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def found(number: str = "20", *, after_s: float = 0, **properties: str | None) -> FoundObject:
    at = MADE_AT + timedelta(seconds=after_s)
    return FoundObject(number, {"domain": "acme.de", **properties}, at, at)


def other(number: str, *, kind: str = "certain", owner: int | None = None, has_key: bool = False) -> Alike:
    return Alike(remote=found(number), kind=kind, owner=owner, has_key=has_key)  # type: ignore[arg-type]


def verdict(*beside: Alike, is_indexed: bool = True, work: tuple[str, ...] = ()) -> object:
    return decide(Made(own=found(), is_indexed=is_indexed, alike=beside, work=work))


def test_what_the_search_does_not_show_yet_proves_nothing() -> None:
    assert verdict(other("30"), is_indexed=False) == Wait()


def test_ours_stays_where_there_is_nothing_beside_it() -> None:
    assert verdict() == Keep()


@pytest.mark.parametrize("number", ["3", "19", "21", "100"])
def test_an_object_that_no_installation_made_stays_whatever_its_number(number: str) -> None:
    assert verdict(other(number)) == Join(other(number))


@pytest.mark.parametrize(("number", "stays"), [("3", True), ("19", True), ("21", False), ("100", False)])
def test_of_two_that_installations_made_the_lower_number_stays(number: str, stays: bool) -> None:  # noqa: FBT001
    with_key = other(number, has_key=True)
    assert verdict(with_key) == (Join(with_key) if stays else Keep())


def test_both_installations_decide_for_the_same_object() -> None:
    numbers = ["20", "7", "100"]
    staying = set()
    for own in numbers:
        beside = tuple(other(one, has_key=True) for one in numbers if one != own)
        decided = decide(Made(own=found(own), is_indexed=True, alike=beside))
        staying.add(decided.survivor.remote.id if isinstance(decided, Join) else own)
    assert staying == {"7"}


def test_an_object_of_a_person_goes_before_one_of_an_installation() -> None:
    person, installation = other("90"), other("3", has_key=True)
    assert verdict(installation, person) == Join(person)


def test_work_of_others_on_ours_leaves_it_to_a_person() -> None:
    assert verdict(other("30"), work=("description",)) == PossibleDuplicate((other("30"),), ("description",))


def test_what_is_only_alike_is_left_to_a_person() -> None:
    doubtful = other("30", kind="doubtful")
    assert verdict(doubtful) == PossibleDuplicate((doubtful,))


def test_what_another_record_here_has_takes_nobodys_place() -> None:
    assert verdict(other("30", owner=9)) == PossibleDuplicate((other("30", owner=9),))
    assert verdict(other("30", owner=9, kind="doubtful")) == Keep()


def test_the_window_is_measured_by_hubspots_clock() -> None:
    assert 2 * SEARCH_LAG == CHECKED_AFTER
    assert was_made_in_window(found(), found(after_s=-59))
    assert was_made_in_window(found(), found(after_s=600))
    assert not was_made_in_window(found(), found(after_s=-61))


def test_the_matcher_says_what_is_certain_and_never_by_name_alone() -> None:
    by_domain = alike(1, {"name": "Acme GmbH", "domain": "acme.de"}, found(name="acme.de"), COMPANIES)
    assert by_domain is not None
    assert by_domain.kind == "certain"
    by_name = alike(1, {"name": "Acme"}, found(domain=None, name="Acme"), COMPANIES)
    assert by_name is not None
    assert by_name.kind == "doubtful"
    assert (
        alike(1, {"name": "Acme", "domain": "acme.de"}, found(domain="beta.de", name="Beta"), COMPANIES)
        is None
    )


OURS = WrittenValue("u-1", "INTEGRATION", "77", MADE_AT)


def _work(**values: WrittenValue) -> tuple[str, ...]:
    return work_of_others(found(), {"twinbook_id": OURS, **values}, {"name": "Acme", "phone": "1"})


def test_our_own_values_and_hubspots_are_nobodys_work() -> None:
    later = MADE_AT + timedelta(hours=1)
    assert not _work(
        name=WrittenValue("Acme", "INTEGRATION", "77", MADE_AT),
        phone=WrittenValue("1", "INTEGRATION", "77", later),
        lifecyclestage=WrittenValue("lead", "INTEGRATION", "77", MADE_AT + timedelta(seconds=5)),
        industry=WrittenValue("BANKING", "HUBSPOT_INTERNAL", None, later),
        about_us=WrittenValue("A firm", "ANY", "CompanyInsightsPropertyMappings", later),
    )


@pytest.mark.parametrize(
    "value",
    [
        WrittenValue("x", "CRM_UI", "userId:9", MADE_AT),
        WrittenValue("Acme", "CRM_UI", "userId:9", MADE_AT),
        WrittenValue("x", "INTEGRATION", "88", MADE_AT),
        WrittenValue("x", "INTEGRATION", "77", MADE_AT + timedelta(hours=1)),
        WrittenValue("x"),
    ],
    ids=["a person", "a person, what we sent", "another app", "ours, but not what we know of", "unknown"],
)
def test_what_anybody_else_wrote_is_work(value: WrittenValue) -> None:
    assert _work(name=value) == ("name",)


def test_without_our_key_nothing_is_known_to_be_ours() -> None:
    value = WrittenValue("Acme", "INTEGRATION", "77", MADE_AT)
    assert work_of_others(found(), {"name": value}, {"name": "Acme"}) == ("name",)


def test_objects_that_are_nobodys_here_are_work() -> None:
    assert work_of_others(found(), {"twinbook_id": OURS}, {}, ["51"]) == ("51",)


def test_the_search_is_asked_less_and_less_often_and_not_for_ever() -> None:
    now = MADE_AT + timedelta(minutes=2)
    pauses = [(next_look(n, now, MADE_AT) or now) - now for n in range(5)]
    assert pauses == [timedelta(minutes=n) for n in (1, 5, 15, 15, 15)]
    assert next_look(9, MADE_AT + timedelta(days=2), MADE_AT) is None
