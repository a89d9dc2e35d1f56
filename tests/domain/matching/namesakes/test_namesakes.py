"""People of one name in large towns, and firms that are called by their trade."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import Record, firms, kind, named
from webapp.domain.matching.likeness.ordinary_names import is_ordinary_name
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.normal.companies import company_words

_NUMBERS = ({"phone": "+49 40 3901471"}, {"phone": "+49 40 7710582"})


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        *(("Elektro Schmidt", True), ("Schmidt Elektro GmbH", True), ("Kaminbau Schmidt & Söhne", True)),
        *(("Bäckerei Huber", True), ("Smith's Plumbing", True), ("Dr. Anna Schulz", True)),
        *(
            ("Taxi Hamburg", True),
            ("Nagelstudio", True),
            ("Salon Anna", True),
            ("Steuerberatung Klein", True),
        ),
        *(("Schmidt GmbH", False), ("Müller & Söhne", False), ("Gebr. Alm", False), ("Gasthof Adler", False)),
        *(("Taxi Kiel", False), ("Birke Druckwerk", False), ("Zornig Okonkwo", False), ("", False)),
    ],
)
def test_a_trade_with_the_town_or_a_persons_name_is_an_ordinary_name(name: str, *, is_so: bool) -> None:
    assert is_ordinary_name(company_words(name), "hamburg") is is_so


@pytest.mark.parametrize("name", ["Elektro Schmidt", "Bäckerei Huber", "Taxi Hamburg"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"phone": "+49 40 3901471"}, {}),
        _NUMBERS,
        ({"postcode": "20095"}, {"postcode": "20095"}),
        ({"postcode": "20095"}, {"postcode": "22767"}),
        ({"postcode": "20095"}, {}),
        ({"street": "Gürtelmacherweg"}, {"street": "Gürtelmacherweg 3"}),
    ],
)
def test_a_firm_of_an_ordinary_name_and_a_town_is_a_question(name: str, one: Record, other: Record) -> None:
    town: Record = {"city": "Hamburg"}
    assert firms(name, name, town | one, town | other) == "doubtful"
    assert firms("Birke Druckwerk", "Birke Druckwerk", town | one, town | other) == (
        "doubtful" if (one, other) == _NUMBERS else "certain"
    )


@pytest.mark.parametrize(
    "more",
    [
        {"phone": "+49 40 3901471"},
        {"street": "Hauptstr. 5"},
        {"street": "Gürtelmacherweg", "postcode": "20095"},
        {"domain": "elektro-schmidt.de"},
    ],
)
def test_a_firm_of_an_ordinary_name_is_known_by_its_phone_house_or_domain(more: Record) -> None:
    assert firms("Elektro Schmidt", "Elektro Schmidt GmbH", {"city": "Hamburg", **more}) == "certain"


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("Elektro Schmidt", ({}, {}), "doubtful"),
        ("Elektro Schmidt", _NUMBERS, "doubtful"),
        ("Birke Druckwerk", ({}, {}), "certain"),
        ("Birke Druckwerk", _NUMBERS, "doubtful"),
    ],
)
def test_a_house_of_a_common_street_is_in_every_town(
    name: str, more: tuple[Record, Record], expected: str
) -> None:
    """Another name of the town is passed over where the firm's name is its own, and no number contradicts."""
    one, other = ({"street": "Hauptstr. 5", "city": city} for city in ("Kiel", "Ulm"))
    assert firms(name, name, one | more[0], other | more[1]) == expected
    one.pop("city")
    assert firms(name, name, one | more[0], other | more[1]) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Two quarters of one town, each with its street of that name.
        ({"street": "Hauptstr. 5", "postcode": "10827"}, {"street": "Hauptstr. 5", "postcode": "13055"}),
        # Two towns, by their names and their postcodes.
        (
            {"street": "Kesselgasse 5", "city": "Kiel", "postcode": "24103"},
            {"street": "Kesselgasse 5", "city": "Ulm", "postcode": "89073"},
        ),
        # No town, or almost one postcode and no town.
        ({"street": "Hauptstr. 5", "city": ""}, {"street": "Hauptstr. 5"}),
        ({"city": "", "postcode": "10115"}, {"city": "", "postcode": "10117"}),
        # A digit apart in the number and in the postcode: two slips, or two houses of two quarters.
        ({"street": "Hauptstr. 15", "postcode": "10115"}, {"street": "Hauptstr. 25", "postcode": "10117"}),
        # Two houses, and no postcode.
        ({"street": "Kesselgasse 5"}, {"street": "Kesselgasse 78"}),
        ({"street": "Kesselgasse"}, {"street": "Kesselgasse 78"}),
    ],
)
def test_namesakes_with_less_than_a_house_in_common_are_a_question(one: Record, other: Record) -> None:
    person = named("Peter|Wolf", city="Berlin")
    assert kind("contacts", person | one, person | other) == "doubtful"


@pytest.mark.parametrize(
    "place",
    [
        {"postcode": "10115"},
        {"street": "Kesselgasse 5"},
        {"postcode": "10115", "street": "Kesselgasse 5/Kesselgasse 7"},
    ],
)
def test_two_numbers_beside_less_than_a_house_are_a_question_however_rare_the_name(place: Record) -> None:
    one, other = (
        named("Grzegorz|Brzęczyszczykiewicz", phone=phone)
        | {field: value.split("/")[side % len(value.split("/"))] for field, value in place.items()}
        for side, phone in enumerate(("0431 7718820", "0171 3904417"))
    )
    assert score_pair("contacts", one, other).kind == "doubtful"
    silent = {field: value for field, value in other.items() if field != "phone"}
    assert score_pair("contacts", one, silent).kind == "certain"


def test_two_numbers_are_no_question_beside_almost_one_mailbox_or_domain() -> None:
    person = named("Peter|Wolf", postcode="10115")
    one, other = (
        person | {"phone": phone, "email": email}
        for phone, email in (
            ("0431 7718820", "drachenfan77@gmx.de"),
            ("0171 3904417", "drachenfan77@web.de"),
        )
    )
    assert kind("contacts", one, other) == "certain"
    first, second = (
        {"city": "Kiel", **number, "domain": domain}
        for number, domain in zip(_NUMBERS, ("birke-druck.de", "birke-druck.com"), strict=True)
    )
    assert firms("Birke Druckwerk", "Birke Druckwerk", first, second) == "certain"
