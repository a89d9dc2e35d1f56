"""Further names, hosts and placeholders of many countries, each with the answer that a person would give."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import HOME, PHONE, firms, kind, lines, named, people
from webapp.domain.matching.mailboxes import is_nobodys
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.records.keys import company_keys, contact_keys, domain_key, street_key

_FIRM = {"company_id": 3, "phone": "+47 22 41 88 04"}


@pytest.mark.parametrize(("one", "other"), lines("fresh_generations"))
def test_father_and_son_are_a_question(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) == "doubtful"
    assert people(one, one, **HOME, **PHONE) == "certain"


@pytest.mark.parametrize("name", ["Le Jeune", "De Jonge", "Viejo"])
def test_a_last_name_that_is_such_a_word_is_a_name(name: str) -> None:
    assert people(f"Gaspard|{name}", f"Gaspard|{name.replace(' ', '')}", **HOME, **PHONE) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("fresh_same_names"))
def test_one_person_is_found_under_another_form_of_the_name(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("fresh_other_names"))
def test_two_of_one_home_or_mailbox_are_never_certain(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) != "certain"
    assert people(one, other, email="familie7@deich.de") == "doubtful"


@pytest.mark.parametrize(("one", "other"), lines("fresh_unread"))
def test_one_side_in_such_a_script_is_a_question_at_home(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) != "none"
    assert people(one, other, email="x7@hafen.de") == "certain"
    assert people(one, other, city="Husum") == "none"


def test_a_first_name_that_is_a_title_alone_says_nothing() -> None:
    assert people("Mr.|Boone", "Harold|Boone", email="harold@boone-farm.us") == "certain"
    assert people("Mr.|Boone", "Harold|Boone", **HOME, **PHONE) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other", "mailboxes"),
    [
        ("Jonas|Meyer", "Jonas|Meier", ("jonas.meyer", "jonas.meier")),
        ("Ana|Sousa", "Ana|Souza", ("asousa", "asouza")),
        ("Marie|Lopez", "Marie|Lopes", ("m.lopez", "m.lopes")),
    ],
)
def test_two_of_one_firm_with_mailboxes_of_their_own_spelling_are_a_question(
    one: str, other: str, mailboxes: tuple[str, str]
) -> None:
    pair = [named(name, email=f"{box}@werft.de") for name, box in zip((one, other), mailboxes, strict=True)]
    assert kind("contacts", *(each | _FIRM for each in pair)) == "doubtful"
    assert people(one, other, email=f"{mailboxes[0]}@werft.de") == "certain"


@pytest.mark.parametrize(
    ("one", "other"), [("Ольга|Гончаренко", "Olga|Honcharenko"), ("Iñaki|Bidaurreta", "Iñaki|Vidaurreta")]
)
def test_a_first_letter_that_is_read_in_two_ways_is_one(one: str, other: str) -> None:
    assert people(one, other, **PHONE) == "doubtful"
    assert people(one, other, **HOME, **PHONE) == "certain"


def test_who_has_married_is_a_question_by_the_phone_alone() -> None:
    assert people("Shirin|Farahani", "Shirin|Golestani", **PHONE) == "doubtful"
    assert people("Shirin|Farahani", "Nasrin|Golestani", **PHONE) == "none"


@pytest.mark.parametrize("host", [row[0] for row in lines("fresh_hosts")])
def test_a_host_of_many_is_no_firms_own(host: str) -> None:
    assert own_domain(domain_key(host)) is None


@pytest.mark.parametrize("host", ["acme.spb.ru", "komi-holz.de", "notebook.example", "wolt-elektro.at"])
def test_a_firms_own_host_is_its_own(host: str) -> None:
    assert own_domain(domain_key(host)) == host


@pytest.mark.parametrize("name", [row[0] for row in lines("fresh_nobodys")])
def test_such_a_name_links_nobody(name: str) -> None:
    first, _, last = name.partition("|")
    if first:
        assert people(name, name, **PHONE) == "none"
        assert contact_keys(named(name))["name_key"] is None
    else:
        assert firms(last, last, {"city": "Husum"}) == "none"
        assert company_keys({"name": last})["name_key"] is None


@pytest.mark.parametrize("address", ["nincs@nincs.hu", "geenmail@geenmail.nl", "sinemail@x.es"])
def test_such_an_address_is_nobodys(address: str) -> None:
    assert is_nobodys(address)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Twenty-First Century Tiles", "21st Century Tiles"),
        ("Fifty-Two Peaks Brewing", "52 Peaks Brewing Ltd"),
        ("SmithfieldPaperMills", "Smithfield Paper Mills Inc."),
    ],
)
def test_a_company_is_proposed_and_one(one: str, other: str) -> None:
    assert firms(one, other, {"city": "Stoke"}) == "certain"
    keys = [company_keys({"name": name})["letters_key"] for name in (one, other)]
    assert keys[0] == keys[1] is not None


@pytest.mark.parametrize(("one", "other"), lines("fresh_forms"))
def test_a_company_is_one_without_its_legal_form(one: str, other: str) -> None:
    assert firms(one, other, {"city": "Husum"}) == "certain"


def test_numbers_of_two_words_distinguish() -> None:
    assert firms("Fifty-Two Peaks Brewing", "Fifty-Three Peaks Brewing", {"city": "Stoke"}) == "none"
    assert street_key("350 West Forty-Second Street") == street_key("350 W 42nd St")


def test_a_whole_name_in_one_field_and_in_one_word_is_proposed() -> None:
    keys = [contact_keys(named(name))["letters_key"] for name in ("Tihomir|Grgurević", "|TihomirGrgurevic")]
    assert keys[0] == keys[1] is not None
