"""Slips in names: of one that exists, of none, and of two that both exist; and signs that are nobody's.

Also names cut short, short forms of men and women, and names of one syllable.
"""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import HOME, PHONE, SITE, firms, kind, named, people
from webapp.domain.matching.likeness.first_names import first_likeness
from webapp.domain.matching.likeness.last_names import last_likeness
from webapp.domain.records.keys import contact_keys, plain


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Margaret", "Rnargaret", "near"),  # read
        ("Gabriel", "Fabriel", "near"),
        ("Konstanze", "Konztabze", "near"),
        ("Jan", "Jon", "unsure"),
        ("Grzegorz", "Grzesiek", "alike"),
        ("Tomasz", "Tomek", "alike"),
        ("Kristina", "Stina", "alike"),
        ("Vincenzo", "Enzo", "alike"),
        ("Elizabeth", "Betty", "alike"),
        ("Birgitta", "Gitta", "alike"),
    ],
)
def test_a_first_name_that_does_not_exist_is_a_slip_of_one_that_does(
    one: str, other: str, likeness: str
) -> None:
    assert first_likeness(plain(one), plain(other)) == first_likeness(plain(other), plain(one)) == likeness


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Rojas", "Rouas", "near"),
        ("Moser", "Meister", "other"),  # both exist
        ("Olsson", "Qlsson", "near"),
        ("Wagner", "Wagbet", "near"),
        ("Koch", "Köhler", "other"),
        ("Petersen", "Pettersson", "unsure"),
        ("Brückner", "Brueckmer", "near"),
        ("Zimmermann", "Zirnmermarn", "near"),
    ],
)
def test_a_last_name_that_does_not_exist_is_a_slip_of_one_that_does(
    one: str, other: str, likeness: str
) -> None:
    assert last_likeness(plain(one), plain(other)) == last_likeness(plain(other), plain(one)) == likeness


def test_two_of_one_house_with_last_names_that_both_exist_are_no_slip_of_one() -> None:
    assert people("Imke|Koch", "Imke|Köhler", **HOME) != "certain"
    assert people("Imke|Koch", "Imke|Kocn", **HOME) == "certain"


def test_one_mailbox_makes_one_person_of_last_names_of_which_one_does_not_exist() -> None:
    assert people("Imke|Wischnewski", "Imke|Wyschneffsky", email="imke.w@deich.de", **PHONE) == "certain"
    assert people("Imke|Schröder", "Imke|Schuster", email="imke.w@deich.de") == "doubtful"


def test_twins_with_mailboxes_of_their_own_are_two() -> None:
    one, other = (
        named(name, **HOME, **PHONE, **{"custom.birthday": "1984-02-09"})
        for name in ("Imke|Hansen", "Wiebke|Hansen")
    )
    assert kind("contacts", one, other) == "doubtful"
    mailboxes = {"email": "imke.hansen@gmx.de"}, {"email": "wiebke.hansen@web.de"}
    assert kind("contacts", one | mailboxes[0], other | mailboxes[1]) == "none"


@pytest.mark.parametrize("email", ["none@none.com", "test@test.com", "na@na.com", "noemail@example.com"])
def test_an_address_of_nobody_adds_nothing_to_a_name(email: str) -> None:
    assert people("Imke|Hansen", "Imke|Hansen", email=email) == "doubtful"
    assert people("Imke|Hansen", "Wiebke|Alm", email=email) != "certain"
    assert people("Imke|Hansen", "Imke|Hansen", email=email, **HOME) == "certain"


@pytest.mark.parametrize("born", ["1900-01-01", "1970-01-01", "1901-01-01", "9999-12-31"])
def test_a_date_on_which_nobody_was_born_says_nothing(born: str) -> None:
    field = {"custom.birthday": born}
    assert people("Imke|Hansen", "Imke|Hansen", **field) == "none"
    assert contact_keys(named("Imke|Hansen", **field))["birthday_key"] is None


def test_houses_of_one_japanese_quarter_are_told_apart() -> None:
    tokyo = {"city": "Tokyo", "postcode": "104-0061"}
    assert people("Emi|Ohno", "Emi|Ohno", **tokyo, street="1-43-5 Ginza") == "certain"
    one, other = (named("Emi|Ohno", **tokyo, street=street) for street in ("1-43-5 Ginza", "1-6-12 Ginza"))
    assert kind("contacts", one, other) != "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Windpark Nord A GmbH", "Windpark Nord B GmbH"),
        ("DTA Trading Fund A Co., Ltd.", "DTA Trading Fund B Co., Ltd."),
        ("Alm Vermietung C S. Coop.", "Alm Vermietung D S. Coop."),
        ("Muebles Sol E Sp. k.", "Muebles Sol F Sp. k."),
    ],
)
def test_firms_told_apart_by_a_letter_are_never_certain(one: str, other: str) -> None:
    assert firms(one, other, SITE) == "none"
    assert firms(one, other, SITE | {"domain": "deichgraf.de"}) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deichgraf Plomberie", "Deichgraf P1omberie"),
        ("Deichgraf Techniek", "Deichgraf Technyk"),
        ("Deichgraf Transport S.A., formerly Apteka Alm", "Deichgraf Transport"),
        ("deichgraf.de", "Deichgraf GmbH"),
        ("Deichgraf Transport", "DEICHGRAF TRANSPORT A/S"),
    ],
)
def test_a_firm_written_otherwise_at_one_site_is_found(one: str, other: str) -> None:
    assert firms(one, other, SITE) in ("certain", "doubtful")


@pytest.mark.parametrize(
    ("one", "other"),
    [("|Till 1", "|Till 2"), ("Till 11|", "Till 12|"), ("Eva|Gast7", "Eva|Gast8")],
)
def test_another_number_makes_another_name(one: str, other: str) -> None:
    assert people(one, other, **HOME) == "none"


def test_a_number_may_be_written_in_two_ways() -> None:
    assert people("Eva|Till 07", "Eva|Till 7", **HOME, **PHONE) == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Soph.|Nordmann", "Sophie|Nordmann"),
        ("Joan.|Nordmann", "Joanne|Nordmann"),
        ("Yasm.|Nordmann", "Yasmin|Nordmann"),
        ("Ida|Salm.", "Ida|Salmela"),
        ("Soph.|Nordm.", "Sophie|Nordmann"),
        ("Nordm.|Ida", "Ida|Nordmann"),
    ],
)
def test_a_word_that_ends_with_a_period_is_what_the_other_name_has_for_it(one: str, other: str) -> None:
    assert people(one, other, **HOME) == people(other, one, **HOME) == "certain"


def test_without_a_period_a_name_that_another_begins_with_may_be_one_of_its_own() -> None:
    assert people("Joan|Nordmann", "Joanne|Nordmann", **HOME) == "doubtful"
    assert people("Ida|Salm", "Ida|Salmela", **HOME) == "doubtful"
    assert people("Sus.|Nordmann", "Karin|Nordmann", **HOME) == "none"


def test_two_letters_and_a_period_are_initials() -> None:
    assert people("Th.|Meiers", "Thomas|Meiers", **HOME) == "doubtful"
    assert people("Th.|Meiers", "Thomas|Meiers", email="meiers4@deich.de") == "certain"


@pytest.mark.parametrize(
    ("one", "other"), [("dusti", "dustin"), ("caitly", "caitlyn"), ("cecilis", "cecilia")]
)
def test_half_an_ending_is_a_slip_where_the_whole_name_alone_exists(one: str, other: str) -> None:
    assert first_likeness(one, other) == first_likeness(other, one) == "near"


@pytest.mark.parametrize(
    ("short", "rather", "rarer"),
    [("Alex", "Alexander", "Alexandra"), ("Chris", "Christian", "Christine"), ("Sam", "Samuel", "Samantha")],
)
def test_a_short_form_of_men_and_women_is_a_question_beside_the_rarer_name(
    short: str, rather: str, rarer: str
) -> None:
    at_work = {"company_id": 3, **PHONE}
    assert people(f"{short}|Nordmann", f"{rather}|Nordmann", **at_work) == "certain"
    assert people(f"{short}|Nordmann", f"{rarer}|Nordmann", **at_work) == "doubtful"
    assert people(f"{short}|Nordmann", f"{rarer}|Nordmann", email="nordmann7@deich.de") == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [("wang", "fang"), ("zhang", "sang"), ("chang", "kang"), ("tran", "trang"), ("an", "anh")],
)
def test_names_of_one_syllable_that_sound_alike_are_two(one: str, other: str) -> None:
    assert first_likeness(one, other) == last_likeness(one, other) == "unsure"
    assert people(f"Wei|{one}", f"Wei|{other}", **HOME, **PHONE, company_id=3) == "doubtful"


def test_names_whose_halves_stand_the_other_way_round_are_looked_up_as_names_too() -> None:
    turned = named("Nordmann|Katja", **HOME), named("Kaytja|Nordmann", **HOME)
    assert kind("contacts", *turned) == "certain"
    assert people("Harish|Patel", "Patel|Harsh", **HOME) == "doubtful"


def test_a_street_of_another_kind_with_one_name_and_number_is_one_street_of_one_person() -> None:
    for one, other in (("Joe Drive 504", "Joe Crescent 504"), ("Visbygade 37", "Visbyvej 37")):
        places = ({"street": one, "city": "Husum", "postcode": "25813"}, {"street": other, "city": "Husum"})
        assert kind("contacts", *(named("Ida|Nordmann", **place) for place in places)) == "certain"
        ida, inga = named("Ida|Nordmann", **places[0]), named("Inga|Nordmann", **places[1])
        assert kind("contacts", ida, inga) == "none"


def test_a_slip_in_the_word_for_street_leaves_the_street() -> None:
    one, other = ({**HOME, "street": street} for street in ("Bauerstrasse 46", "Bauersdrasse 46"))
    assert kind("contacts", named("Ida|Nordmann", **one), named("Ida|Nordmann", **other)) == "certain"
