"""Which record an unlinked object is (B9, B31 to B33)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.plain.plain import candidate, keys
from webapp.domain.matching.candidates import Candidate, CandidateIndex
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.match import Match, find_match
from webapp.domain.matching.own_domains import FREE_MAIL_DOMAINS
from webapp.domain.matching.scoring import score_pair
from webapp.text.matching import SIGNALS

JONAS: dict[str, Any] = {"first_name": "Jonas", "last_name": "Wieland"}
BERLIN: dict[str, Any] = {"city": "Berlin"}
BREMEN: dict[str, Any] = {"city": "Bremen"}
PHONE: dict[str, Any] = {"phone": "+49 30 1234567"}


def found(remote: Keys, *candidates: Candidate, apart: frozenset[int] = frozenset()) -> Match:
    index, with_all_keys = CandidateIndex.for_keys_of([remote]), CandidateIndex()
    for one in candidates:
        index.add(one)
        with_all_keys.add(one)
    match = find_match("77", remote, index, apart)
    assert match == find_match("77", remote, with_all_keys, apart), "keys that nobody asks for find nobody"
    for item in match.candidates:
        assert set(item.evidence) <= set(SIGNALS), "every piece of evidence has a text for the screen"
    return match


def result(match: Match) -> tuple[str, str | None, list[int]]:
    return match.kind, match.reason, [item.record_id for item in match.candidates]


def person(*emails: str, **values: Any) -> Keys:
    return keys("contacts", *emails, **(JONAS | values))


def test_of_a_record_only_the_keys_that_are_asked_for_are_kept() -> None:
    index = CandidateIndex.for_keys_of([person("a@x.de", **PHONE)])
    index.add(candidate(5, "b@x.de", **(JONAS | PHONE | {"postcode": "10115"})))
    assert set(index.by_key) == {
        ("phone", "301234567", "jonas wieland"),
        ("phone", "301234567"),
        ("letters", "j/dflnns"),
    }


def test_nobody_alike_is_no_match() -> None:
    assert found(person("a@x.de")).kind == "none"


def test_a_contact_is_found_by_any_of_its_addresses() -> None:
    match = found(person("new@x.de", "old@x.de"), candidate(5, "old@x.de", "third@x.de"))
    assert (match.kind, match.record_id) == ("certain", 5)


def test_two_records_with_its_addresses_are_a_question() -> None:
    match = found(person("a@x.de", "b@x.de"), candidate(5, "a@x.de"), candidate(6, "b@x.de"))
    assert result(match) == ("doubtful", "several_candidates", [5, 6])


def test_one_record_with_two_of_its_addresses_is_one_record() -> None:
    match = found(person("a@x.de", "b@x.de"), candidate(5, "a@x.de", "b@x.de"))
    assert (match.kind, match.record_id) == ("certain", 5)


def test_an_address_of_a_record_that_is_linked_to_another_object_is_a_question() -> None:
    """One e-mail address on two contacts would leave open which of them a message belongs to (B33)."""
    match = found(person("a@x.de"), candidate(5, "a@x.de", linked_to="12"))
    assert result(match) == ("doubtful", "email_of_another", [5])
    further = candidate(5, "b@x.de", "a@x.de", linked_to="12", last_name="Somebody", first_name="Else")
    assert result(found(person("a@x.de"), further)) == ("doubtful", "email_of_another", [5])


def test_what_resembles_a_record_of_another_object_is_somebody_else_and_that_is_remembered() -> None:
    """Two objects in HubSpot are two records here; whether they should be one is for people (B32)."""
    linked = candidate(5, linked_to="12", **JONAS, **PHONE)
    match = found(person(**PHONE), linked)
    assert (match.kind, [one.record_id for one in match.looks_like]) == ("none", [5])
    assert match.looks_like[0].evidence == ("same_name", "same_phone")


def test_the_record_that_is_free_is_linked_whatever_else_looks_like_the_object() -> None:
    other = candidate(5, linked_to="12", **JONAS, **PHONE)
    match = found(person("a@x.de", **PHONE), other, candidate(6, "a@x.de", **JONAS))
    assert (match.kind, match.record_id, [one.record_id for one in match.looks_like]) == ("certain", 6, [5])


@pytest.mark.parametrize("link_state", ["gone", "held", "stopped"])
def test_an_object_like_a_record_whose_link_works_no_more_may_be_the_successor(link_state: str) -> None:
    ended = replace(candidate(5, linked_to="12", **JONAS, **PHONE), link_state=link_state)
    assert result(found(person(**PHONE), ended)) == ("doubtful", "may_be_successor", [5])
    assert found(person(**PHONE), ended, apart=frozenset({5})).kind == "none"


def test_a_copy_of_an_object_bears_the_key_of_another_ones_record() -> None:
    bearing = replace(person("b@x.de"), own_key="u-5")
    original = Candidate(5, replace(person("a@x.de"), own_key="u-5"), linked_to="12")
    assert result(found(bearing, original)) == ("doubtful", "key_of_another", [5])
    free = Candidate(5, replace(person(), own_key="u-5"))
    assert found(bearing, free).record_id == 5


def test_several_records_that_are_free_are_a_question_even_if_doubtful() -> None:
    one, other = candidate(5, "b@y.de", **JONAS, **PHONE), candidate(6, "c@z.de", **JONAS, **PHONE)
    assert result(found(person("a@x.de", **PHONE), one, other)) == (
        *("doubtful", "several_candidates"),
        [5, 6],
    )


def test_a_company_is_found_by_any_of_its_domains() -> None:
    there = replace(firm("n.com"), further_domains=frozenset({"n.de", "gmail.com"}))
    assert found(there, candidate(5, domain="n.de")).record_id == 5
    assert found(there, candidate(5, domain="gmail.com", name="Bau Zwei")).kind == "none"


@pytest.mark.parametrize("key", [PHONE, {"company_id": 9}])
def test_without_an_address_the_name_with_phone_or_company_is_enough(key: dict[str, Any]) -> None:
    match = found(person(**key), candidate(5, **JONAS, **key))
    assert (match.kind, match.record_id) == ("certain", 5)
    assert match.candidates[0].evidence == ("same_name", f"same_{next(iter(key)).removesuffix('_id')}")


def test_a_phone_alone_is_no_evidence() -> None:
    """Whole firms share one number."""
    eva = candidate(5, first_name="Eva", last_name="Kern", **PHONE)
    assert found(person(**PHONE), eva).kind == "none"


def test_a_name_alone_is_no_evidence() -> None:
    match = found(person(company_id=9), candidate(5, **JONAS, company_id=8))
    assert match.kind == "none"


def test_the_same_name_and_phone_with_another_address_is_doubtful() -> None:
    match = found(person("a@x.de", **PHONE), candidate(5, "b@y.de", **JONAS, **PHONE))
    assert result(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_name", "same_phone", "other_email")


def test_what_merely_resembles_a_linked_record_is_somebody_else() -> None:
    """Two objects of one portal may well look alike."""
    linked = candidate(5, "b@y.de", linked_to="12", **JONAS, **PHONE)
    assert found(person("a@x.de", **PHONE), linked).kind == "none"


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [("Jonsa", "Wieland"), ("Jonas", "Weiland"), ("WIELAND", "Jonas"), ("Jónas", "Wielánd")],
)
def test_a_name_is_recognised_across_typing_errors_order_and_accents(first_name: str, last_name: str) -> None:
    there = person(first_name=first_name, last_name=last_name, company_id=9, **PHONE)
    match = found(there, candidate(5, **JONAS, company_id=9, **PHONE))
    assert (match.kind, match.record_id) == ("certain", 5)


def test_a_name_with_a_typing_error_and_one_fact_is_doubtful() -> None:
    match = found(person(first_name="Jonsa", **PHONE), candidate(5, **JONAS, **PHONE))
    assert result(match) == ("doubtful", "doubtful_match", [5])


@pytest.mark.parametrize("first_name", ["Clara", "Tobias", "Jona", "Thomas"])
def test_relatives_at_one_firm_are_never_taken_for_one_another(first_name: str) -> None:
    shared: dict[str, Any] = {"company_id": 9, "street": "Hafenstr. 1", "postcode": "10115", **PHONE}
    relative = candidate(5, **(JONAS | {"first_name": first_name}), **shared)
    assert found(person(**shared), relative).kind != "certain"


def test_one_address_with_two_first_names_is_a_question() -> None:
    """Couples share a mailbox, and so do colleagues."""
    match = found(person("w@x.de"), candidate(5, "w@x.de", first_name="Clara", last_name="Wieland"))
    assert result(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_email", "other_first_name")


def test_who_was_said_to_be_somebody_else_is_not_asked_about_again() -> None:
    one, other = candidate(5, "a@x.de"), candidate(6, "a@x.de")
    assert found(person("a@x.de"), one, other, apart=frozenset({5})).record_id == 6
    assert found(person("a@x.de"), one, other, apart=frozenset({5, 6})).kind == "none"


def firm(domain: str | None = None, **values: Any) -> Keys:
    return keys("companies", **({"name": "Nordlicht Verlag", "domain": domain} | values))


def test_a_company_is_found_by_its_domain_where_one_side_has_no_name() -> None:
    match = found(firm("n.de"), candidate(5, domain="n.de"))
    assert (match.kind, match.record_id) == ("certain", 5)
    assert match.candidates[0].evidence == ("same_domain",)


def test_one_domain_and_another_name_is_a_question() -> None:
    """Groups, franchises and sister companies share it."""
    match = found(firm("n.de"), candidate(5, domain="n.de", name="Something Else"))
    assert result(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_domain", "other_company_name")


def test_two_companies_of_one_domain_are_a_question() -> None:
    match = found(firm("n.de"), candidate(5, domain="n.de"), candidate(6, domain="n.de"))
    assert result(match) == ("doubtful", "several_candidates", [5, 6])


@pytest.mark.parametrize("domain", [*sorted(FREE_MAIL_DOMAINS)[:3], "gmail.com"])
def test_a_free_mail_domain_is_no_evidence(domain: str) -> None:
    match = found(firm(domain, name="Café Eins"), candidate(5, domain=domain, name="Bau Zwei"))
    assert match.kind == "none"


@pytest.mark.parametrize("key", [BERLIN, PHONE, {"postcode": "10115"}])
@pytest.mark.parametrize("name", ["Nordlicht Verlag GmbH", "NORDLICHT-VERLAG", "Verlag Nordlicht"])
def test_a_company_name_with_place_or_phone_is_enough(key: dict[str, Any], name: str) -> None:
    match = found(firm(**key), candidate(5, name=name, **key))
    assert (match.kind, match.record_id) == ("certain", 5)


def test_a_company_name_alone_is_doubtful() -> None:
    match = found(firm("n.de"), candidate(5, name="Nordlicht Verlag"))
    assert result(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_name",)


def test_a_company_of_that_name_in_another_place_is_another_company() -> None:
    match = found(firm(**BERLIN), candidate(5, name="Nordlicht Verlag", **BREMEN))
    assert match.kind == "none"


def test_a_company_of_that_name_and_place_with_another_domain_is_doubtful() -> None:
    other = candidate(5, name="Nordlicht Verlag", domain="other.de", **BERLIN)
    match = found(firm("n.de", **BERLIN), other)
    assert result(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_name", "same_town", "other_domain")


@pytest.mark.parametrize(
    ("domain", "name", "kind"),
    [("n.de", "Nordlicht Logistik", "doubtful"), (None, "Nordlicht Logistik", "none")],
)
def test_sisters_of_one_firm_are_not_one(domain: str | None, name: str, kind: str) -> None:
    """Not even at one address, with one phone; with one domain a person decides."""
    shared: dict[str, Any] = {"street": "Hafenstr. 1", **BERLIN, **PHONE}
    assert found(firm(domain, **shared), candidate(5, name=name, domain=domain, **shared)).kind == kind


def test_two_branches_of_a_chain_in_one_town_are_two() -> None:
    one = {"name": "Kaffeehaus", "street": "Hafenstr. 1", "phone": "030 1234567", **BERLIN}
    other = {"name": "Kaffeehaus", "street": "Ringweg 20", "phone": "030 7654321", **BERLIN}
    assert score_pair("companies", one, other).kind == "none"


def test_weighing_a_pair_makes_no_difference_between_its_sides() -> None:
    one = {**JONAS, "email": "jonas.wieland@x.de", "custom.date_of_birth": "1980-02-11", **PHONE}
    other = {
        "first_name": "J.",
        "last_name": "Wieland",
        "email": "jonas@y.de",
        "custom.date_of_birth": "1980-11-02",
    }
    assert score_pair("contacts", one, other) == score_pair("contacts", other, one)
    assert set(score_pair("contacts", one, other).evidence) >= {"initial_name", "near_birthday"}
