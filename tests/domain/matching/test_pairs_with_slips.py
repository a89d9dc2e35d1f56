"""One person in two records that hold slips, and others who are easily taken for them."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import BORN, HOME, PHONE, Record, kind, named, people
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.likeness.birthdays import birthday_evidence
from webapp.domain.matching.likeness.first_names import first_likeness
from webapp.domain.matching.likeness.person_names import compare_names
from webapp.domain.matching.scoring import score_keys, score_pair


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gar iela|Brandvold", "Gabriela|Brandvold"),
        ("Aa ron|Campos", "Aabron|Campos"),
        ("Elea nor|Whitcombe", "Eleanor|Whitcombe"),
        ("Théo dore|Lacombe", "Theodore|Lacombe"),
    ],
)
def test_a_blank_within_a_first_name_is_a_slip(one: str, other: str) -> None:
    assert people(one, other, **HOME) == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ingc|Fransson", "Inger|Fransson"),
        ("Pefc|Serrano", "Pete|Serrano"),
        ("Astrif|Lacombe", "Ostrid|Lacombe"),
        ("Hekgs|Ström", "Helga|Ström"),
    ],
)
def test_a_first_name_with_several_slips_is_a_question_at_home(one: str, other: str) -> None:
    assert people(one, other, **HOME) == "doubtful"
    assert people(one, other, **HOME, **PHONE) == "doubtful"
    assert people(one, other, city="Husum") == "none"


@pytest.mark.parametrize(("one", "other"), [("Ada", "Adam"), ("Karl", "Karla"), ("Mira", "Mina")])
def test_two_first_names_that_both_exist_are_no_slips(one: str, other: str) -> None:
    assert first_likeness(one.lower(), other.lower()) == "unsure"
    assert people(f"{one}|Alm", f"{other}|Alm", **HOME, **PHONE) != "certain"


def test_an_initial_may_stand_in_the_field_of_the_last_name() -> None:
    assert set(compare_names(("tuana", "furrer"), ("furrer", "t"))) == {"same", "initial"}
    assert people("Tuana|Furrer", "Furrer|T.", **HOME) == "doubtful"
    assert people("Tuana|Furrer", "Furrer|B.", **HOME) == "none"


@pytest.mark.parametrize("double", ["Lopez-Malone", "Malone-Lopez", "Malone Lopez"])
def test_one_of_a_double_name_may_hold_a_slip(double: str) -> None:
    assert people(f"Nicholas|{double}", "Nicholas|Malome", **HOME) == "certain"
    assert people(f"Nicholas|{double}", "Gregory|Malome", **HOME) == "none"


def test_another_last_name_at_home_is_a_question_where_the_first_name_is_rare() -> None:
    assert people("Imke|Hansen", "Imke|Lorenzen", **HOME) == "doubtful"
    assert people("Thomas|Hansen", "Thomas|Lorenzen", **HOME) == "none"
    assert people("Imke|Hansen", "Imke|Lorenzen", city="Husum", postcode="25813") == "none"


def test_a_colleague_of_another_last_name_is_another() -> None:
    assert people("Imke|Hansen", "Imke|Lorenzen", company_id=1, **HOME) == "none"


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("19841219", "19841912", "near_birthday"),
        ("19840507", "19480507", "near_birthday"),
        ("19410704", "14910744", "rough_birthday"),
        ("19840507", "19890705", "rough_birthday"),
        ("19840507", "20010119", "other_birthday"),
    ],
)
def test_a_date_of_birth_may_hold_two_slips(one: str, other: str, says: str) -> None:
    assert birthday_evidence(one, other) == birthday_evidence(other, one) == says


def test_a_namesake_at_home_with_a_blurred_date_of_birth_is_a_question() -> None:
    pair = (
        named("Imke|Hansen", **HOME, **{"custom.birthday": born}) for born in ("1984-05-07", "1989-07-05")
    )
    assert kind("contacts", *pair) == "doubtful"


def test_an_initial_beside_nearly_one_date_of_birth_is_enough() -> None:
    pair = (
        named(name, **HOME, **{"custom.birthday": born})
        for name, born in (("Imke|Hansen", "1984-02-09"), ("I.|Hansen", "1984-09-02"))
    )
    assert kind("contacts", *pair) == "certain"
    assert people("Imke|Hansen", "I.|Hansen", **HOME) == "doubtful"
    assert people("Imke|Hansen", "B.|Hansen", **HOME, **BORN) != "certain"


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("j.crespo@tecnologias.es", "j.crrespo@tecnologias.es", True),
        ("leona.machova@pavlikova.cz", "leona.macmhova@pvlikova.cz", True),
        ("andrew1976@yahoo.com", "anclrew1976@yahoo.com", True),
        ("andrew1976@yahoo.com", "andrew1967@yahoo.com", False),
        ("leona.machova@pavlikova.cz", "leona.machova2@pavlikova.cz", False),
        ("leona.machova@gmail.com", "leona.machova@gmx.com", False),
    ],
)
def test_an_address_with_slips_is_near_beside_the_same_name(one: str, other: str, *, is_near: bool) -> None:
    pair = [named("Jovita|Crespo", email=address) for address in (one, other)]
    assert ("near_email" in score_pair("contacts", *pair).evidence) == is_near


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("90 Claudia Cove", "90d Claudia Cove"),
        ("Nørretoftegade 618", "Nørretoftegade 618c"),
        ("9 Elm Grove", "9a Elm Grove"),
        ("Deichweg 3", "Deichweg 3 b"),
    ],
)
def test_a_letter_behind_a_house_number_is_a_slip(one: str, other: str) -> None:
    place = {"city": "Husum", "postcode": "25813"}
    pair = (named("Imke|Hansen", street=street, **place) for street in (one, other))
    assert kind("contacts", *pair) == "certain"


def test_an_address_is_one_with_a_slip_in_each_of_its_parts() -> None:
    here = {"street": "Backvägen 58", "city": "Växmö", "postcode": "7086"}
    there = {"street": "Backvägen 558", "city": "Växjö", "postcode": "70986"}
    assert kind("contacts", named("Ella|Olsson", **here), named("Ella|Olsson", **there)) == "certain"
    assert kind("contacts", named("Ella|Olsson", **here), named("Ida|Olsson", **there)) == "none"


def keys_of(name: str, more: Record) -> Keys:
    return Keys(object_type="contacts", values=named(name, **more))


def test_two_of_one_birthday_at_one_address_are_a_question_however_they_are_called() -> None:
    assert people("Furrcr|Tuana", "Tamara|Fuhrig", **HOME, **BORN) == "doubtful"
    assert people("Furrcr|Tuana", "Tamara|Fuhrig", **HOME) == "none"
    one, other = (keys_of(name, HOME | BORN) for name in ("Furrcr|Tuana", "Tamara|Fuhrig"))
    assert score_keys(one, other, in_full=False).kind == "doubtful", "strangers sorted out first"
    assert people("Furrcr|Tuana", "Tamara|Fuhrig", city="Husum", **BORN) == "none"
