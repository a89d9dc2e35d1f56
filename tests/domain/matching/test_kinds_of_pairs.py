"""Kinds of pairs that are hard to tell: each is a few small records, in the words of those who met them."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.keys import company_keys, contact_keys, domain_key, email_key, phone_key

Record = dict[str, Any]


def companies(one: Record, other: Record) -> str:
    kinds = {score_pair("companies", *pair).kind for pair in ((one, other), (other, one))}
    assert len(kinds) == 1, "both sides weigh alike"
    return kinds.pop()


def people(one: Record, other: Record) -> str:
    kinds = {score_pair("contacts", *pair).kind for pair in ((one, other), (other, one))}
    assert len(kinds) == 1, "both sides weigh alike"
    return kinds.pop()


def named(name: str, **more: Any) -> Record:
    first, _, last = name.partition(" ")
    return {"first_name": first, "last_name": last, **more}


# What says nothing.


@pytest.mark.parametrize(
    "phone", ["00000000", "1111111", "123456", "1234567890", "987654321", "+1 555 555 5555"]
)
def test_numbers_that_nobody_has_link_nobody(phone: str) -> None:
    one = named("Jana Petersen", phone=phone, city="Kiel", email="jana@foerde.de")
    assert (
        people(one, named("Jana Petersen", phone=phone, city="Ulm", email="petersen@muenster.de")) == "none"
    )


@pytest.mark.parametrize("name", ["n/a", "test", "Unknown", "-", "GmbH", "xxx", "Keine Angabe", "Company"])
def test_names_that_name_nobody_link_no_companies(name: str) -> None:
    assert companies({"name": name, "city": "Kiel"}, {"name": name, "city": "Kiel"}) == "none"
    assert company_keys({"name": name})["name_key"] is None


@pytest.mark.parametrize("name", ["n/a n/a", "Test Test", "Unknown Unknown", "First Last", "John Doe"])
def test_names_that_name_nobody_link_no_people(name: str) -> None:
    assert people(named(name, phone="0431 778899"), named(name, phone="0431 778899")) == "none"
    assert contact_keys(named(name))["name_key"] is None


@pytest.mark.parametrize(
    "domain",
    [
        *("youtube.com", "facebook.com", "linktr.ee", "medium.com", "kiosk.myshopify.com", "kiosk.github.io"),
        *(
            "kiosk.wixsite.com",
            "kiosk.taplink.ws",
            "flow.page",
            "m.me",
            "hubs.ly",
            "provenexpert.com",
            "kiosk.jimdosite.com",
            "sites.google.com",
            "gmail.com",
            "example.com",
            "none.com",
        ),
    ],
)
def test_a_page_at_somebody_elses_is_no_domain_of_ones_own(domain: str) -> None:
    assert own_domain(domain) is None
    assert (
        companies({"name": "Kiosk Eins", "domain": domain}, {"name": "Bau Zwei", "domain": domain}) == "none"
    )
    keys = Keys(object_type="companies", domain=domain)
    assert list(keys.exact()) == []


@pytest.mark.parametrize(
    "domain", ["nordlicht.de", "shop.nordlicht.co.uk", "nordlicht.de.com", "newco.example"]
)
def test_a_domain_of_ones_own_is_one(domain: str) -> None:
    assert own_domain(domain_key(domain)) == domain


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.youtube.com/@nordlicht.de", "youtube.com"),
        ("https://medium.com/@nordlicht", "medium.com"),
        ("nordlicht.de?ref=me@else.de", "nordlicht.de"),
        ("https://me:secret@nordlicht.de:8080/", "nordlicht.de"),
        ("xn--mller-kva.de", "müller.de"),
        ("mu\u0308ller.de", "müller.de"),
        ("newco.example", "newco.example"),
    ],
)
def test_a_host_is_read_as_browsers_do(address: str, domain: str) -> None:
    assert domain_key(address) == domain


def test_an_address_is_the_same_however_its_domain_is_coded() -> None:
    assert email_key("Eva@xn--mller-kva.de") == email_key("eva@müller.de") == email_key("eva@mu\u0308ller.de")


def test_a_number_is_compared_by_its_national_part() -> None:
    assert phone_key("+45 12 34 56 78") == phone_key("12345678")
    assert phone_key("+49 40 12345") == phone_key("040 12345") == phone_key("0049 (0)40 12345")


# One domain and nothing else.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Brot & Korn Kiel", "city": "Kiel"}, {"name": "Brot & Korn Ulm", "city": "Ulm"}),
        ({"name": "Brot & Korn", "city": "Kiel"}, {"name": "Brot & Korn", "city": "Ulm"}),
        ({"name": "Ostermann Holding"}, {"name": "Ostermann Logistik"}),
        ({"name": "Ostermann"}, {"name": "Ostermann Medizintechnik"}),
        ({"name": "Ostermann"}, {"name": "Ostermann Immobilien"}),
        ({"name": "Blaue Welle"}, {"name": "Roter Sand"}),
        ({"name": "Blaue Welle", "phone": "0431 7788990"}, {"name": "Roter Sand", "phone": "0431 7788990"}),
        ({"name": "Hafen Fonds I"}, {"name": "Hafen Fonds II"}),
        ({"name": "Series A Capital A"}, {"name": "Series A Capital B"}),
    ],
)
def test_sisters_and_branches_that_share_a_domain_are_a_question(one: Record, other: Record) -> None:
    assert companies(one | {"domain": "ostermann.de"}, other | {"domain": "ostermann.de"}) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Brot & Korn GmbH"}, {"name": "Brot und Korn"}),
        ({"name": "Brot & Korn"}, {}),
        ({"name": "brotundkorn.de"}, {"name": "Irgendwas Schönes"}),
        (
            {"name": "Brot & Korn", "city": "Kiel", "phone": "0431 778899"},
            {"name": "Brot & Korn", "city": "Ulm", "phone": "+49 431 778899"},
        ),
        ({"name": "Brot & Korn", "city": "Kiel"}, {"name": "Brot & Korn Bäckerei", "city": "Kiel"}),
    ],
)
def test_one_domain_with_the_name_or_place_is_certain(one: Record, other: Record) -> None:
    assert companies(one | {"domain": "brotundkorn.de"}, other | {"domain": "brotundkorn.de"}) == "certain"


def test_sub_domains_of_one_host_are_not_near() -> None:
    one, other = (
        {"name": "Nordlicht", "domain": "a.dachverband.de"},
        {"name": "Nordlicht", "domain": "b.dachverband.de"},
    )
    assert "near_domain" not in score_pair("companies", one, other).evidence
    ending = {"name": "Nordlicht", "domain": "a.dachverband.com"}
    assert "near_domain" in score_pair("companies", one, ending).evidence


# One mailbox and two people.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (named("Ole Brandt", email="info@werft.de"), named("Silke Thoms", email="info@werft.de")),
        (named("Ole Brandt", email="info@werft.de"), {"email": "info@werft.de"}),
        (named("Ole Brandt", email="brandt@home.de"), named("Nele Brandt", email="brandt@home.de")),
        (named("Ole Brandt", email="brandt@home.de"), named("Ole Brandt Jr.", email="brandt@home.de")),
        (named("Ole Brandt", email="ole@werft.de"), named("Ole Thoms", email="ole@werft.de")),
        (named("Tim Brandt", email="brandt@home.de"), named("Tom Brandt", email="brandt@home.de")),
        (
            named("Ole Brandt", email="ole.brandt@werft.de", phone="0431 778899", company_id=3),
            named("Ole Brandt", email="ole.brandt2@werft.de", phone="0431 778899", company_id=3),
        ),
    ],
)
def test_one_mailbox_may_be_that_of_two(one: Record, other: Record) -> None:
    assert people(one, other) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (named("Ole Brandt", email="info@werft.de"), named("Ole Brandt", email="info@werft.de")),
        (
            named("Ole Brandt", email="ole@werft.de", **{"custom.birthday": "1971-05-02"}),
            named("Ole Thoms", email="ole@werft.de", **{"custom.birthday": "1971-05-02"}),
        ),
        (named("Ole Brandt", email="ole.b@werft.de"), {"email": "ole.b@werft.de"}),
    ],
)
def test_one_mailbox_with_something_personal_is_certain(one: Record, other: Record) -> None:
    assert people(one, other) == "certain"


# What distinguishes, and what does not.


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hafen Fonds I", "Hafen Fonds II"), ("Hafen Series A", "Hafen Series B"), ("Lager 12", "Lager 21")],
)
def test_what_is_counted_distinguishes(one: str, other: str) -> None:
    shared: Record = {"city": "Kiel", "street": "Kai 4", "phone": "0431 778899"}
    assert companies({"name": one, **shared}, {"name": other, **shared}) == "none"


def test_the_same_number_in_another_form_does_not() -> None:
    shared: Record = {"city": "Dover", "phone": "+1 302 778 8990"}
    assert (
        companies({"name": "Seventh Street Bakery", **shared}, {"name": "7th Street Bakery", **shared})
        == "certain"
    )


def test_junior_on_one_side_alone_is_a_question() -> None:
    shared: Record = {"phone": "+1 302 778 8990", "street": "12 Cedar Road", "city": "Dover"}
    assert people(named("Walter Finch", **shared), named("Walter Finch Jr.", **shared)) == "doubtful"


def test_one_street_and_number_outweigh_a_town_that_is_called_otherwise() -> None:
    one: Record = {"name": "Chez Lucette", "street": "8358 Sunset Boulevard", "city": "West Hollywood"}
    assert companies(one, one | {"street": "8358 Sunset Blvd.", "city": "Los Angeles"}) == "certain"
    far: Record = {"postcode": "24103"}
    assert companies(one | far, one | {"city": "Ulm", "postcode": "89073"}) != "certain"


def test_a_town_in_brackets_is_no_part_of_a_name() -> None:
    assert (
        companies({"name": "Nordlicht (Kiel)", "city": "Kiel"}, {"name": "Nordlicht GmbH", "city": "Kiel"})
        == "certain"
    )
    assert companies({"name": "Nordlicht (Kiel)"}, {"name": "Nordlicht (Ulm) GmbH"}) != "certain"


def test_two_letters_may_stand_for_two_words() -> None:
    shared: Record = {"phone": "0431 778899", "city": "Kiel"}
    assert companies({"name": "BW", **shared}, {"name": "Blaue Welle", **shared}) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Юрий Иванов", "Yuri Ivanov"), ("Łukasz Ćwik", "Lukasz Cwik"), ("Rene\u0301 Müller", "René Mueller")],
)
def test_a_name_is_the_same_in_other_letters(one: str, other: str) -> None:
    shared: Record = {"phone": "0431 778899"}
    assert people(named(one, **shared), named(other, **shared)) == "certain"


def test_a_married_name_is_recognised_by_what_stays() -> None:
    born = {"custom.birthday": "1971-05-02", "phone": "0431 778899"}
    assert people(named("Nele Brandt", **born), named("Nele Thoms", **born)) != "none"


# What many share.


def test_a_value_that_many_share_weighs_little_and_a_rare_one_much() -> None:
    crowd = Frequencies(1, {"contacts": 10_000}, {"contacts.phone": {"431778899": 2_500}})
    one = named("Nele Brandt", phone="0431 778899")
    assert score_pair("contacts", one, one).kind == "certain"
    assert score_pair("contacts", one, one, frequencies=crowd).kind == "none"
    large = Frequencies(1, {"contacts": 500_000}, {})
    rare, base = (score_pair("contacts", one, one, frequencies=by).points for by in (large, Frequencies()))
    assert rare > base


def test_frequent_names_weigh_less_even_in_an_empty_book() -> None:
    rare, frequent = named("Zdenka Wobbelin", city="Kiel"), named("Thomas Müller", city="Kiel")
    assert score_pair("contacts", frequent, frequent).points < score_pair("contacts", rare, rare).points


def test_a_shared_value_never_speaks_against() -> None:
    crowd = Frequencies(1, {"contacts": 1_000}, {"contacts.phone": {"431778899": 1_000}})
    one = named("Nele Brandt", phone="0431 778899")
    assert min(score_pair("contacts", one, one, frequencies=crowd).weights) >= 0


# What is proposed.


def _share_a_key(keys_of: Any, one: Record, other: Record) -> bool:
    ignored = ("sort_key", "initials_key")
    of_one, of_other = (
        {key for key in keys_of(each).items() if key[0] not in ignored and key[1]} for each in (one, other)
    )
    return bool(of_one & of_other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nele Marie Brandt", "Brandt Nelemarie"),
        ("Dr. Nele von Thoms", "Nele Thoms"),
        ("Bob Finch", "Robert Finch"),
        ("Nele Brandt", "Nele Brnadt"),
        ("Nele Brandt", "Nelle Brant-d"),
        ("Kazimierz Łódź", "Lodz Kazimierz"),
    ],
)
def test_people_are_proposed_by_the_letters_of_their_names(one: str, other: str) -> None:
    assert _share_a_key(contact_keys, named(one), named(other))


def test_people_are_proposed_by_street_and_by_birthday() -> None:
    one = named("Nele Brandt", street="Am Alten Hafen 12a", postcode="24103")
    assert _share_a_key(
        contact_keys, one, named("Nela Prandt", street="am alten haffen 12 a", postcode="24013")
    )
    born = {"custom.date_of_birth": "1971-05-02"}
    assert _share_a_key(contact_keys, named("Nele Brandt", **born), named("Brandtt Helene", **born))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Æther Werke"}, {"name": "Aether-Werke GmbH"}),
        ({"name": "Brot & Korn"}, {"name": "Korn und Brot"}),
        ({"name": "Nordlicht Verlag"}, {"name": "Nordlihct Verlag"}),
        ({"name": "Seventh Wave"}, {"name": "7th Wave"}),
        ({"name": "A", "street": "12 Seventh St."}, {"name": "B", "street": "12 7th Street"}),
    ],
)
def test_companies_are_proposed_across_spellings(one: Record, other: Record) -> None:
    assert _share_a_key(company_keys, one, other)


@pytest.mark.parametrize(
    ("name", "city"),
    [("Anna Schulz", "Berlin"), ("Peter Wolf", "Köln"), ("Grzegorz Brzęczyszczykiewicz", "Opole")],
)
@pytest.mark.parametrize(
    "more",
    [
        ({"phone": "+49 30 39014711"}, {"phone": "+49 30 77105822"}),
        ({}, {}),
        ({"email": "schulz.a@gmx.de"}, {}),
        ({"street": "Lange Reihe 3"}, {}),
        ({"postcode": "10115"}, {}),
        ({"postcode": "10115"}, {"postcode": "10117"}),
        ({"street": "Hauptstr."}, {"street": "Hauptstr."}),
        ({"street": "Hauptstr. 5"}, {"street": "Hauptstraße"}),
        ({"street": "Hauptstr. 144"}, {"street": "Hauptstr. 142"}),
    ],
)
def test_one_name_in_one_town_is_a_question(name: str, city: str, more: tuple[Record, Record]) -> None:
    """A town has namesakes; what is known of one of the two alone would overwrite the other's."""
    one, other = (named(name, city=city, **values) for values in more)
    assert people(one, other) == "doubtful"
    assert people({**one, "postcode": "50667"}, {**other, "postcode": "50667"}) != "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"city": "Kiel", "street": "Hauptstr. 5"}, {"city": "Ulm", "street": "Hauptstr. 5"}),
        ({"city": "Kiel", "street": "Hauptstr."}, {"city": "Ulm", "street": "Hauptstr."}),
        (
            {"city": "Köln", "postcode": "50667", "phone": "0221 4711800"},
            {"city": "Köln", "postcode": "50667", "phone": "0221 7710582"},
        ),
    ],
)
def test_what_namesakes_have_in_common_is_not_certain(one: Record, other: Record) -> None:
    assert people(named("Peter Wolf", **one), named("Peter Wolf", **other)) != "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"street": "Hauptstr."}, {"street": "Hauptstr."}),
        ({"street": "Hauptstr. 5", "postcode": "20095"}, {"street": "Hauptstr. 5", "postcode": "22767"}),
    ],
)
def test_firms_of_one_trade_and_surname_in_one_town_are_a_question(one: Record, other: Record) -> None:
    shared: Record = {"name": "Elektro Schmidt", "city": "Hamburg"}
    phones = ("+49 40 3901471", "+49 40 7710582")
    pair = [shared | values | {"phone": phone} for values, phone in zip((one, other), phones, strict=True)]
    assert companies(*pair) == "doubtful"


def test_a_street_that_few_towns_have_says_more_than_a_common_one() -> None:
    shared: Record = {"city": "Kiel", "phone": "0431 1234567"}
    rare, common = (
        score_pair("contacts", *(named("Peter Wolf", street=street, **shared),) * 2).points
        for street in ("Am Seefischmarkt", "Hauptstr.")
    )
    assert rare > common
