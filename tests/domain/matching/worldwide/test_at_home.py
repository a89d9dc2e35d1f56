"""What a name says of two at one address: of one household no two have one first name."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import HOME, kind, named, people
from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.matching.likeness.first_names import first_likeness
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.keys import plain, street_key

_ELSEWHERE = {"street": "Ringweg 3", "city": "Husum", "postcode": "25813"}


@pytest.mark.parametrize("other", ["Eleonore|", "Eleonore", "Eléonore|"])
def test_a_first_name_alone_is_the_person_of_that_house_who_bears_it(other: str) -> None:
    assert people("Eleonore|Charron", other, **HOME) == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thomas|Charron", "Thomas|"),  # frequent: a neighbour may have it
        ("Eleonore|Charron", "|Charron"),  # anybody of the household
        ("Eleonore|Charron", "|Eleonore"),  # perhaps a last name
        ("Eleonore|Charron", "E.|"),
        ("Eleonore|Charron", "E.|Charron"),
        ("Bo|Charron", "Bo|"),  # too short for a name that one alone has
    ],
)
def test_half_a_name_that_others_of_the_house_may_have_is_a_question(one: str, other: str) -> None:
    assert people(one, other, **HOME) != "certain"


def test_a_first_name_alone_says_nothing_elsewhere_or_among_colleagues() -> None:
    assert kind("contacts", named("Eleonore|Charron", **HOME), named("Eleonore|", **_ELSEWHERE)) == "none"
    assert people("Eleonore|Charron", "Eleonore|", **HOME, company_id=7) != "certain"


def test_a_first_name_alone_is_a_question_in_a_house_of_many() -> None:
    key = street_key(HOME["street"])
    assert key is not None
    counted = Frequencies(records={"contacts": 50_000}, counts={"contacts.street": {key: 20}})
    one, other = named("Eleonore|Charron", **HOME), named("Eleonore|", **HOME)
    assert score_pair("contacts", one, other, frequencies=counted).kind != "certain"


def test_a_household_with_a_slip_in_its_name_and_another_birthday_is_a_question() -> None:
    born, other = {"custom.birthday": "1966-04-12"}, {"custom.birthday": "1991-02-23"}
    one = named("Imke|Lüdersen", **HOME, **born)
    for name in ("Imke|Lüdersen", "Imke|Lüdersne", "Imke|Ludersenn"):
        assert kind("contacts", one, named(name, **HOME, **other)) == "doubtful", name
    assert kind("contacts", one, named("Antje|Lüdersne", **HOME, **other)) == "none"


@pytest.mark.parametrize(
    ("one", "other"), [("Stewen", "Stevcn"), ("Nikolla", "Nilola"), ("Alejundra", "Alejandrah")]
)
def test_two_slips_of_one_name_that_exists_are_that_name(one: str, other: str) -> None:
    assert first_likeness(plain(one), plain(other)) == first_likeness(plain(other), plain(one)) == "near"


@pytest.mark.parametrize(("one", "other"), [("Dilnoza", "Dilfuza"), ("Regits", "Regite"), ("Meron", "Maren")])
def test_two_names_with_none_between_them_may_be_two(one: str, other: str) -> None:
    assert first_likeness(plain(one), plain(other)) == first_likeness(plain(other), plain(one)) == "unsure"


def test_one_house_in_another_place_weighs_more_than_one_street() -> None:
    one = named("Karolina|Eskelinen", street="Fahlanderin puistotie 5", city="Eurajoki", postcode="81569")
    other = named("Karolina|Ezkelinen", street="Fahlanderin puistotie 5", city="Eura", postcode="81552")
    assert kind("contacts", one, other) == "certain"
    assert kind("contacts", one, other | {"street": "Fahlanderin puistotie 91"}) != "certain"


@pytest.mark.parametrize(
    "street", ["Hauptstraße 5", "Main Street 5", "5 rue de la Gare", "Polna 5", "Via Roma 5"]
)
@pytest.mark.parametrize("name", ["Peter|Müller", "Peter|Mülller"])
def test_a_house_in_a_street_that_every_town_has_names_nobody_elsewhere(street: str, name: str) -> None:
    one = named("Peter|Müller", street=street, city="Ulm", postcode="89073")
    assert kind("contacts", one, named(name, street=street, city="Kiel", postcode="24103")) != "certain"


@pytest.mark.parametrize("first", ["Nada", "Nan"])
def test_a_first_name_that_means_nothing_elsewhere_is_a_name_beside_a_last_name(first: str) -> None:
    assert people(f"{first}|Kovač", f"{first}|Kovač", **HOME) == "certain"
    assert people(f"{first}|Kovač", "Imke|Kovač", **HOME) == "none"
    assert people("n/a|Kovač", "Imke|Kovač", **HOME) == "doubtful"
