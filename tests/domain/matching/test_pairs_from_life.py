"""Pairs as they are met in life, a list for each kind in `pairs/`: told apart, found, or left to a person."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import BORN, HOME, PHONE, SITE, Record, firms, kind, lines, named, people
from webapp.domain.matching.mailboxes import is_shared_mailbox
from webapp.domain.records.keys import contact_keys, domain_key, phone_key


@pytest.mark.parametrize(("one", "other"), lines("one_domain"))
def test_companies_of_one_domain_alone_are_a_question(one: str, other: str) -> None:
    assert firms(one, other, {"domain": "deichgraf-gruppe.com"}) == "doubtful"
    towns: tuple[Record, ...] = ({"city": "Kiel", **PHONE}, {"city": "Passau", "phone": "0851 443322"})
    assert firms(one, other, *({"domain": "deichgraf-gruppe.com", **town} for town in towns)) != "certain"
    assert firms(one, other, *towns) == "none"


@pytest.mark.parametrize(("one", "other"), lines("legal_forms"))
def test_a_company_is_one_whatever_its_legal_form(one: str, other: str) -> None:
    assert firms(one, other, {"city": "Husum"}) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("scripts"))
def test_a_person_is_one_in_another_script(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) != "none"
    keys = [contact_keys(named(name, **HOME, **BORN)) for name in (one, other)]
    assert any(keys[0][key] and keys[0][key] == keys[1][key] for key in ("letters_key", "place_key"))


@pytest.mark.parametrize(("one", "other"), lines("idn"))
def test_a_host_is_one_in_two_spellings(one: str, other: str) -> None:
    assert domain_key(one) == domain_key(other) is not None


@pytest.mark.parametrize(("one", "other"), lines("phones"))
def test_a_number_is_one_with_the_code_of_its_country(one: str, other: str) -> None:
    assert phone_key(one) == phone_key(other) is not None


@pytest.mark.parametrize(("one", "other"), lines("relatives"))
def test_two_of_a_family_are_never_certain(one: str, other: str) -> None:
    assert people(f"{one}|Hansen", f"{other}|Hansen", **HOME, **PHONE) != "certain"
    assert people(f"{one}|Hansen", f"{other}|Hansen", **HOME, **BORN) != "certain"


@pytest.mark.parametrize(("one", "other"), lines("generations"))
def test_father_and_son_are_a_question(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) == "doubtful"


@pytest.mark.parametrize(("one", "other"), lines("married"))
def test_who_has_married_is_found_by_the_birthday(one: str, other: str) -> None:
    assert people(one, other, **HOME, **BORN) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("counted"))
def test_what_is_counted_otherwise_at_one_site_is_another(one: str, other: str) -> None:
    assert firms(one, other, SITE) == "none"


@pytest.mark.parametrize(("one", "other"), lines("brackets"))
def test_the_town_of_both_behind_a_name_is_no_part_of_it(one: str, other: str) -> None:
    assert firms(one, other, {"city": "Husum", **PHONE}) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("formerly"))
def test_a_second_name_is_seen_at_one_site(one: str, other: str) -> None:
    assert firms(one, other, SITE) != "none"
    assert firms(one, other, SITE, {"city": "Passau"}) != "certain"


@pytest.mark.parametrize(("one", "other"), lines("streets"))
def test_an_address_is_one_as_two_write_it(one: str, other: str) -> None:
    place: Record = {"city": "Husum", "postcode": "25813"}
    pair = (named("Imke|Hansen", street=street, **place) for street in (one, other))
    assert kind("contacts", *pair) == "certain"
    keys = [contact_keys({"street": street, **place})["house_key"] for street in (one, other)]
    assert keys[0] == keys[1] or one.rstrip("abc") == other.rstrip("abc")


@pytest.mark.parametrize("name", [line[0] for line in lines("namesakes")])
def test_namesakes_at_two_firms_are_never_certain(name: str) -> None:
    pair = (
        named(name, email=f"{mailbox}@{firm}.de", company_id=company, city="Kiel", phone=phone)
        for mailbox, firm, company, phone in (
            ("gf", "deichgraf", 1, "0431 551207"),
            ("leitung", "birkenhof", 2, "0431 884422"),
        )
    )
    assert kind("contacts", *pair) != "certain"


@pytest.mark.parametrize("mailbox", [name for line in lines("roles") for name in line])
def test_a_mailbox_of_a_role_is_nobodys(mailbox: str) -> None:
    assert is_shared_mailbox(f"{mailbox}@deichgraf.de")
