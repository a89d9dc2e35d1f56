"""The keys by which records are found."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.records.keys import (
    KEYS_VERSION,
    company_key,
    company_keys,
    contact_keys,
    domain_key,
    email_key,
    person_key,
    phone_key,
    text_key,
)
from webapp.domain.records.normal.hosts import host_parts

_LONGEST = {
    "email_key": 254,
    "domain_key": 253,
    "phone_key": 30,
    "name_key": 300,
    "sort_key": 300,
    "place_key": 60,
    "initials_key": 2,
    "letters_key": 60,
    "street_key": 60,
    "house_key": 60,
    "town_key": 60,
    "birthday_key": 10,
}


@pytest.mark.parametrize("key", [email_key, phone_key, company_key, domain_key])
@pytest.mark.parametrize("blank", [None, "", "   ", "\t"])
def test_nothing_has_no_key(key: object, blank: str | None) -> None:
    """So that nothing never matches nothing."""
    assert key(blank) is None  # type: ignore[operator]


def test_an_address_is_known_whatever_its_case() -> None:
    assert email_key(" Jonas.Wieland@Nordlicht-Verlag.DE ") == "jonas.wieland@nordlicht-verlag.de"


@pytest.mark.parametrize(
    "phone", ["+49 30 1234567", "030/1234567", "0049-30-1234567", "+49 (30) 123 45 67", "030 123 45 67"]
)
def test_a_number_is_known_with_and_without_country_code(phone: str) -> None:
    assert phone_key(phone) == phone_key("+49301234567")


def test_an_extension_alone_says_nothing() -> None:
    assert phone_key("-4711") is None


@pytest.mark.parametrize(
    "name", ["Nordlicht Verlag GmbH", "NORDLICHT VERLAG", "Nordlicht-Verlag", "Nördlicht Verlag GmbH"]
)
def test_a_company_is_known_without_legal_form_case_accents_and_punctuation(name: str) -> None:
    assert company_key(name) == "nordlicht verlag"


def test_a_name_that_is_all_legal_form_still_has_a_key() -> None:
    assert company_key("AG") == "ag"


def test_half_a_name_names_nobody() -> None:
    assert person_key("Jonas", None) is None
    assert person_key(" ", "Wieland") is None
    assert person_key("José", "García-López") == "jose garcia lopez"


@pytest.mark.parametrize(
    "text", ["nordlicht.de", "https://www.nordlicht.de/kontakt?x=1", "info@nordlicht.de", "NORDLICHT.DE."]
)
def test_a_domain_is_known_within_any_address(text: str) -> None:
    assert domain_key(text) == "nordlicht.de"


@pytest.mark.parametrize("text", ["localhost", "n/a", "none", "co.uk", "...", "-"])
def test_what_is_no_domain_has_no_key(text: str) -> None:
    assert domain_key(text) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("https://www.youtube.com/@acme.de", "youtube.com"),
        ("medium.com/@acme.de", "medium.com"),
        ("acme.de?from=@foo.de", "acme.de"),
        ("acme.de#@foo.de", "acme.de"),
        ("https://user:secret@acme.de:8443/a@b.de", "acme.de"),
        ("//acme.de/x", "acme.de"),
        ("acme\uff0ede", "acme.de"),
    ],
)
def test_what_stands_behind_the_host_is_no_part_of_it(text: str, key: str) -> None:
    assert domain_key(text) == key


@pytest.mark.parametrize("ending", ["example", "test", "local", "home.arpa"])
def test_a_name_under_a_reserved_ending_is_a_domain(ending: str) -> None:
    assert domain_key(f"www.newco.{ending}") == f"newco.{ending}"
    assert host_parts(f"newco.{ending}").stem == "newco"
    assert domain_key(ending) is None


def test_a_subdomain_is_another_host() -> None:
    assert domain_key("shop.nordlicht.co.uk") == "shop.nordlicht.co.uk"


def test_letters_of_other_scripts_are_kept() -> None:
    assert text_key("東京 株式会社") == "東京 株式会社"


texts = st.one_of(st.none(), st.text(max_size=400), st.integers())


@given(st.fixed_dictionaries(dict.fromkeys(("name", "domain", "phone", "street"), texts)))
def test_the_keys_of_any_company_fit_their_columns(values: dict[str, object]) -> None:
    for name, key in company_keys(values).items():
        assert key is None or len(key) <= _LONGEST[name]
        assert key is None or "\0" not in key


@given(
    st.fixed_dictionaries(
        dict.fromkeys(
            ("first_name", "last_name", "email", "phone", "mobile", "street", "custom.birthday"), texts
        )
    )
)
def test_the_keys_of_any_contact_fit_their_columns(values: dict[str, object]) -> None:
    keys = contact_keys(values)
    assert keys["sort_key"] is not None
    for name, key in keys.items():
        assert key is None or len(key) <= _LONGEST[name]


def test_a_contact_is_found_by_its_mobile_where_it_has_no_phone() -> None:
    assert contact_keys({"mobile": "+49 170 1234567"})["phone_key"] == "701234567"


_WRITTEN: tuple[dict[str, object], ...] = (
    {"name": "Nordlicht & Söhne GmbH", "domain": "nordlicht.de", "city": "Kiel", "street": "Hafenstr. 12a"},
    {"name": "Æther Łódź (Ulm)", "street": "9 Seventh Avenue", "postcode": "89073", "phone": "030 1234567"},
    {"name": "The Kern Group AG", "street": "Am Wall", "phone": "+45 12 34 56 78", "city": "24103 Kiel"},
    {"first_name": "Bob", "last_name": "von der Leyen", "city": "Bad Ulm", "phone": "+49 (0)30 123456"},
    {"first_name": "Dr. Łucja", "last_name": "Ćwik-Müller", "postcode": "D-10115", "street": "3/12 Ringweg"},
    {
        "first_name": "Hans Peter",
        "last_name": "Kern",
        "custom.date_of_birth": "1980-02-03",
        "mobile": "0170 123456",
    },
    {"first_name": "Юрий", "last_name": "Иванов", "street": "Невский пр. 4, 2nd floor", "city": "Москва"},
    {
        "first_name": "Ann",
        "last_name": "Bo",
        "email": "Ann.Bo@x.org",
        "street": "Flat 3, 12 Elm St",
        "city": "York",
    },
    {"first_name": "Ευάγγελος", "last_name": "Ντάνος", "city": "Αθήνα", "street": "Οδός Αυγής 4"},
    {"first_name": "राकेश", "last_name": "शर्मा", "postcode": "110001"},
    {"first_name": "صالح", "last_name": "كمال", "phone": "0431 778899"},
    {"first_name": "Tomek", "last_name": "Ohno", "street": "1-43-5 Ginza", "custom.birthday": "1900-01-01"},
    {"first_name": "Waleed", "last_name": "Saint-Clair", "street": "Deichweg 3, 25813 Husum"},
    {"name": "A/S Alm Laboratories, Inh. Ute Lang"},
    {"first_name": "0skar", "last_name": "Gast8"},
    {"name": "Bez firmy", "phone": "1-800-FLOWERS", "street": "P.O. Box 12", "city": "東京"},
    {
        "first_name": "Ute",
        "last_name": "Kaya",
        "custom.birthday": "1234-12-12",
        "street": "Deich Cad. No: 8 D: 5",
    },
    {"last_name": "Alm", "email": "mailto://Alm@x.org"},
    {"first_name": "Kostya", "last_name": "Соловьёв", "street": "350 Forty-Second Street"},
    {"name": "SmithfieldPaperMills", "street": "Forge 4"},
    {"name": "Test Company 2"},
)
# By version, what the keys of these records come to.
_DIGESTS = {12: "42d5aec5b3777d71"}


def test_keys_that_come_out_otherwise_have_another_version() -> None:
    """So that stored ones are computed anew: raise `KEYS_VERSION`, and enter what it gives."""
    keys = [keys_of(values) for values in _WRITTEN for keys_of in (company_keys, contact_keys)]
    assert sha256(repr(keys).encode()).hexdigest()[:16] == _DIGESTS[KEYS_VERSION]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Wherever one error falls, a key is left.
        ({"postcode": "25183"}, "town_key"),
        ({"first_name": "Ymke", "last_name": "Wittke"}, "house_key"),
        ({"street": "Lindenalee 14"}, "street_key"),
        ({"street": "Lindenallee 41"}, "place_key"),
        ({"city": "25813 Husum", "postcode": None}, "place_key"),
        ({"city": "25813", "postcode": "Husum"}, "place_key"),
    ],
)
def test_an_error_leaves_a_key(one: dict[str, str | None], other: str) -> None:
    right: dict[str, str | None] = {
        "first_name": "Imke",
        "last_name": "Wittke",
        "street": "Lindenallee 14",
        "postcode": "25813",
        "city": "Husum",
    }
    keys = contact_keys(right)
    assert contact_keys(right | one)[other] == keys[other] is not None
