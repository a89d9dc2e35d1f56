"""What decides between several records, and what a page of a run has planned already."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.plain.plain import candidate, keys
from webapp.domain.matching.candidates import MOST_OF_A_KEY, MOST_OF_LETTERS, Candidate, CandidateIndex
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.match import Match, find_match
from webapp.domain.matching.scoring import score_pair

_JONAS: dict[str, Any] = {"first_name": "Jonas", "last_name": "Wieland"}
_PHONE: dict[str, Any] = {"phone": "+49 30 1234567"}


def _person(*emails: str, **values: Any) -> Keys:
    return keys("contacts", *emails, **(_JONAS | values))


def _found(there: Keys, *candidates: Candidate) -> Match:
    index = CandidateIndex()
    for one in candidates:
        index.add(one)
    return find_match("77", there, index, frozenset())


def test_an_address_outweighs_what_another_record_has_in_common() -> None:
    """Both are certain by themselves; one of them is named."""
    named, alike = candidate(5, "a@x.de", **_JONAS), candidate(6, **_JONAS, **_PHONE)
    assert _found(_person(**_PHONE), alike).kind == "certain"
    match = _found(_person("a@x.de", **_PHONE), named, alike)
    assert (match.kind, match.record_id) == ("certain", 5)


def test_a_record_that_is_free_and_certain_needs_no_look_at_one_whose_link_has_ended() -> None:
    ended = replace(candidate(5, linked_to="12", **_JONAS, **_PHONE), link_state="gone")
    match = _found(_person("a@x.de", **_PHONE), ended, candidate(6, "a@x.de", **_JONAS))
    assert (match.kind, match.record_id) == ("certain", 6)


def test_what_only_a_crowded_key_brings_is_a_question_and_contests_nothing() -> None:
    """Others that are as much alike may be beyond those that it brings."""
    at_home: dict[str, Any] = {"street": "Lindenweg 5", "postcode": "10115", "city": "Berlin"}
    there = _person(**at_home, **_PHONE)
    namesake = candidate(5, first_name="Jonas", last_name="Wielandt", **at_home)
    assert _found(there, namesake).kind == "certain"
    crowd = [
        candidate(number, first_name="Jan", last_name="Wahl", **at_home)
        for number in range(10, 10 + MOST_OF_A_KEY)
    ]
    letters = [
        candidate(number, first_name="Jonas", last_name="Wielendt")
        for number in range(1000, 1000 + MOST_OF_LETTERS)
    ]
    assert _found(there, namesake, *crowd, *letters).kind == "doubtful"
    own = candidate(6, **_JONAS, **_PHONE)
    match = _found(there, namesake, own, *crowd, *letters)
    assert (match.kind, match.record_id) == ("certain", 6)


def test_our_key_on_an_object_with_another_address_is_a_question() -> None:
    """Somebody has rewritten it, or has copied the key."""
    here = Candidate(5, replace(_person("a@x.de"), own_key="u-5"))
    match = _found(replace(_person("b@x.de"), own_key="u-5"), here)
    assert (match.kind, match.reason) == ("doubtful", "doubtful_match")
    assert match.candidates[0].evidence == ("same_key", "other_email")


def test_a_record_that_was_linked_on_this_page_is_not_found_by_likeness_any_more() -> None:
    index, here = CandidateIndex(), candidate(5, **_JONAS, **_PHONE)
    index.add(here)
    there = keys("contacts", first_name="Jonsa", last_name="Wieland", **_PHONE)
    assert index.like(there).keys() == {5}
    index.become(replace(here, linked_to="12"))
    assert index.like(there) == {}
    assert index.like(_person(**_PHONE)).keys() == {5}, "what is exact finds it, so that nothing is doubled"


def test_a_record_is_found_by_the_address_that_it_will_have_and_not_by_the_one_that_it_loses() -> None:
    index = CandidateIndex()
    index.add(candidate(5, "a@x.de", "b@x.de", **_JONAS))
    index.become(candidate(5, "c@x.de", **_JONAS, linked_to="12"), gone_email="a@x.de")
    known = index.get(5)
    assert known is not None
    assert known.keys.emails == {"b@x.de", "c@x.de"}


def test_of_a_page_that_is_full_of_one_name_the_first_few_are_looked_at() -> None:
    page = CandidateIndex(under=CandidateIndex())
    for number in range(1, 100):
        page.add(candidate(number, linked_to=str(number), **_JONAS, **_PHONE))
    assert len(page.like(_person(**_PHONE))) == 40


def test_one_domain_with_another_name_town_and_phone_says_so() -> None:
    one = {"name": "Nord Backwaren", "domain": "nord.de", "city": "Kiel", "phone": "0431 778899"}
    other = {"name": "Ostwind Reisen", "domain": "nord.de", "city": "Passau", "phone": "0851 441122"}
    score = score_pair("companies", one, other)
    assert score.kind == "doubtful"
    assert "everything_else_other" in score.evidence


def test_a_town_with_a_slip_says_nothing_of_two_firms() -> None:
    one, other = ({"name": "Nord Backwaren", "city": city} for city in ("Pasau", "Pasaw"))
    places = {"same_town", "other_town", "other_street", "same_address"}
    assert places.isdisjoint(score_pair("companies", one, other).evidence)


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("0431 778812", "778812", "other_phone"),
        ("0431 7788123", "7788123", "near_phone"),
        ("0431 778812", "0431 778912", "near_phone"),
        ("0431 778812", "0431 778813", "close_phone"),
        ("0431 778812", "0431 112233", "other_phone"),
    ],
)
def test_the_last_digits_distinguish_phones_and_few_digits_say_little(
    one: str, other: str, says: str
) -> None:
    records = ({**_JONAS, "phone": phone} for phone in (one, other))
    assert says in score_pair("contacts", *records).evidence


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ({"postcode": "24103"}, {"postcode": "24103"}, "same_area"),
        ({"postcode": "24103"}, {"postcode": "24987"}, "same_city"),
        ({"postcode": "24103"}, {}, "city_alone"),
        ({"postcode": "24103"}, {"postcode": "24104"}, "city_alone"),
        ({"street": "Kai 1"}, {"street": "Allee 9"}, "same_city"),
        ({"postcode": "24103", "street": "Kai 1"}, {"postcode": "24103", "street": "Allee 9"}, "same_place"),
    ],
)
def test_a_city_says_less_than_a_postcode(one: dict[str, str], other: dict[str, str], says: str) -> None:
    records = ({**_JONAS, "city": "Kiel", **more} for more in (one, other))
    assert says in score_pair("contacts", *records).evidence
