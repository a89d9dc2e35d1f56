"""Which record an unlinked object is (B9, B31 to B33)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.plain import candidate
from webapp.domain.fields import ObjectType
from webapp.domain.free_mail import FREE_MAIL_DOMAINS
from webapp.domain.matching import EVIDENCE, Candidate, CandidateIndex, Keys, Match, find_match


def found(
    object_type: ObjectType, keys: Keys, *candidates: Candidate, apart: frozenset[int] = frozenset()
) -> Match:
    index = CandidateIndex()
    for one in candidates:
        index.add(one)
    match = find_match(object_type, "77", keys, index, apart)
    for item in match.candidates:
        assert set(item.evidence) <= set(EVIDENCE), "every piece of evidence has words for the screen"
    return match


def said(match: Match) -> tuple[str, str | None, list[int]]:
    return match.kind, match.reason, [item.record_id for item in match.candidates]


def person(*emails: str, **keys: Any) -> Keys:
    return Keys(frozenset(emails), **({"name": "jonas wieland"} | keys))


def test_nobody_alike_is_no_match() -> None:
    assert found("contacts", person("a@x.de")).kind == "none"


def test_a_contact_is_found_by_any_of_its_addresses() -> None:
    match = found("contacts", person("new@x.de", "old@x.de"), candidate(5, "old@x.de", "third@x.de"))
    assert (match.kind, match.record_id) == ("certain", 5)


def test_two_records_with_its_addresses_are_a_question() -> None:
    match = found("contacts", person("a@x.de", "b@x.de"), candidate(5, "a@x.de"), candidate(6, "b@x.de"))
    assert said(match) == ("doubtful", "several_candidates", [5, 6])


def test_one_record_with_two_of_its_addresses_is_one_record() -> None:
    match = found("contacts", person("a@x.de", "b@x.de"), candidate(5, "a@x.de", "b@x.de"))
    assert (match.kind, match.record_id) == ("certain", 5)


def test_a_record_linked_to_another_object_is_a_question() -> None:
    match = found("contacts", person("a@x.de"), candidate(5, "a@x.de", linked_to="12"))
    assert said(match) == ("doubtful", "already_linked", [5])


@pytest.mark.parametrize("key", [{"phone": "301234567"}, {"company_id": 9}])
def test_without_an_address_the_name_with_phone_or_company_is_enough(key: dict[str, Any]) -> None:
    match = found("contacts", person(**key), candidate(5, name="jonas wieland", **key))
    assert (match.kind, match.record_id) == ("certain", 5)
    assert match.candidates[0].evidence == ("same_name", f"same_{next(iter(key)).removesuffix('_id')}")


def test_a_phone_alone_is_no_evidence() -> None:
    """Whole firms share one number."""
    match = found("contacts", person(phone="301234567"), candidate(5, name="eva kern", phone="301234567"))
    assert match.kind == "none"


def test_a_name_alone_is_no_evidence() -> None:
    match = found("contacts", person(company_id=9), candidate(5, name="jonas wieland", company_id=8))
    assert match.kind == "none"


def test_the_same_name_and_phone_with_another_address_is_doubtful() -> None:
    key: dict[str, Any] = {"name": "jonas wieland", "phone": "301234567"}
    match = found("contacts", person("a@x.de", phone="301234567"), candidate(5, "b@y.de", **key))
    assert said(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_name", "same_phone", "other_email")


def test_what_merely_resembles_a_linked_record_is_somebody_else() -> None:
    """Two objects of one portal may well look alike."""
    key: dict[str, Any] = {"name": "jonas wieland", "phone": "301234567"}
    match = found(
        "contacts", person("a@x.de", phone="301234567"), candidate(5, "b@y.de", linked_to="12", **key)
    )
    assert match.kind == "none"


def test_who_was_said_to_be_somebody_else_is_not_asked_about_again() -> None:
    one, other = candidate(5, "a@x.de"), candidate(6, "a@x.de")
    assert found("contacts", person("a@x.de"), one, other, apart=frozenset({5})).record_id == 6
    assert found("contacts", person("a@x.de"), one, other, apart=frozenset({5, 6})).kind == "none"


def firm(domain: str | None = None, **keys: Any) -> Keys:
    return Keys(domain=domain, **({"name": "nordlicht verlag"} | keys))


def test_a_company_is_found_by_its_domain_whatever_its_name() -> None:
    match = found("companies", firm("n.de"), candidate(5, domain="n.de", name="something else"))
    assert (match.kind, match.record_id) == ("certain", 5)
    assert match.candidates[0].evidence == ("same_domain",)


def test_two_companies_of_one_domain_are_a_question() -> None:
    match = found("companies", firm("n.de"), candidate(5, domain="n.de"), candidate(6, domain="n.de"))
    assert said(match) == ("doubtful", "several_candidates", [5, 6])


@pytest.mark.parametrize("domain", [*sorted(FREE_MAIL_DOMAINS)[:3], "gmail.com"])
def test_a_free_mail_domain_is_no_evidence(domain: str) -> None:
    match = found("companies", firm(domain, name="café eins"), candidate(5, domain=domain, name="bau zwei"))
    assert match.kind == "none"


@pytest.mark.parametrize("key", [{"place": frozenset({"berlin"})}, {"phone": "301234567"}])
def test_a_company_name_with_place_or_phone_is_enough(key: dict[str, Any]) -> None:
    match = found("companies", firm(**key), candidate(5, name="nordlicht verlag", **key))
    assert (match.kind, match.record_id) == ("certain", 5)


def test_a_company_name_alone_is_doubtful() -> None:
    match = found("companies", firm("n.de"), candidate(5, name="nordlicht verlag"))
    assert said(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_name",)


def test_a_company_of_that_name_in_another_place_is_another_company() -> None:
    here, there = frozenset({"berlin"}), frozenset({"bremen"})
    match = found("companies", firm(place=here), candidate(5, name="nordlicht verlag", place=there))
    assert match.kind == "none"


def test_a_company_of_that_name_and_place_with_another_domain_is_doubtful() -> None:
    here = frozenset({"berlin"})
    other = candidate(5, name="nordlicht verlag", place=here, domain="other.de")
    match = found("companies", firm("n.de", place=here), other)
    assert said(match) == ("doubtful", "doubtful_match", [5])
    assert match.candidates[0].evidence == ("same_name", "same_place", "other_domain")
