"""People of many countries: one in two spellings, two who resemble each other, and one mailbox of two."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.plain.pairs import HOME, PHONE, kind, lines, named, people
from webapp.domain.matching.mailboxes import is_shared_mailbox
from webapp.domain.records.keys import contact_keys

_PLACE = {"city": "Husum", "postcode": "25813"}


@pytest.mark.parametrize(("one", "other"), lines("worldwide_one"))
def test_one_person_in_two_spellings_is_certain(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("worldwide_unread"))
def test_one_person_in_a_script_of_several_readings_is_seen(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) != "none"


@pytest.mark.parametrize(("one", "other"), lines("worldwide_two"))
def test_two_of_one_home_are_never_certain(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) != "certain"


@pytest.mark.parametrize(("one", "other"), lines("worldwide_streets"))
def test_one_address_in_two_spellings_is_one(one: str, other: str) -> None:
    pair = (named("Imke|Sörensen", street=street, **_PLACE) for street in (one, other))
    assert kind("contacts", *pair) == "certain"


@pytest.mark.parametrize("mailbox", [row[0] for row in lines("worldwide_roles")])
def test_a_role_has_a_mailbox_that_several_read(mailbox: str) -> None:
    assert is_shared_mailbox(f"{mailbox}@deich.de")


@pytest.mark.parametrize(
    "mailbox", ["anna.info", "ines.sales", "pressel", "m.post", "lange.post", "adminovic"]
)
def test_a_name_that_resembles_a_role_has_a_mailbox_of_its_own(mailbox: str) -> None:
    assert not is_shared_mailbox(f"{mailbox}@deich.de")


@pytest.mark.parametrize(
    ("name", "other", "email", "its_email", "sure"),
    [
        (
            "Imke|Sörensen",
            "Imke|Sörensen",
            "imke.sorensen+crm@gmail.com",
            "imkesorensen@googlemail.com",
            "certain",
        ),
        ("Imke|Sörensen", "Imke|Sörensen", "imke+shop@deich.de", "imke@deich.de", "certain"),
        ("Ute|Voss", "Ute|Voss", "info@deich.de", "info@deich.de", "certain"),
        ("Imke|Sörensen", "Inga|Sörensen", "i.sorensen@deich.de", "i.sorensen@deich.de", "doubtful"),
        ("Ute|Voss", "Karl|Voss", "ute.karl@gmx.de", "ute.karl@gmx.de", "doubtful"),
        ("Ute|Voss", "Karl|Voss", "familie.voss@web.de", "familie.voss@web.de", "doubtful"),
        ("Ute|Voss", "Karl|Lindner", "info@deich.de", "info@deich.de", "doubtful"),
        ("Imke|Sörensen", "Imke|Lindner", "imke@deich.de", "imke@deich.de", "doubtful"),
        ("Karl Sr.|Voss", "Karl Jr.|Voss", "k.voss@deich.de", "k.voss@deich.de", "doubtful"),
    ],
)
def test_one_mailbox_is_one_person_if_something_personal_agrees(
    name: str, other: str, email: str, its_email: str, sure: str
) -> None:
    assert kind("contacts", named(name, email=email), named(other, email=its_email)) == sure


@pytest.mark.parametrize("phone", [row[0] for row in lines("worldwide_no_phones")])
def test_a_number_of_nobody_links_nobody(phone: str) -> None:
    assert people("Jana|Petersen", "Jana|Petersen", phone=phone) == "none"


@pytest.mark.parametrize("name", [row[0] for row in lines("worldwide_nobody")])
def test_a_name_of_nobody_links_nobody(name: str) -> None:
    assert people(name, name, **PHONE) == "none"


@pytest.mark.parametrize(
    "born", ["1900-01-01", "1970-01-01", "0001-01-01", "1111-11-11", "1234-12-12", "2099-12-31"]
)
def test_a_date_of_nobody_says_nothing(born: str) -> None:
    more: dict[str, Any] = {"custom.birthday": born}
    assert contact_keys(named("Jana|Petersen", **more))["birthday_key"] is None
    assert people("Jana|Petersen", "Jana|Petersen", **more) == "none"


def test_the_first_of_january_says_less_than_another_day() -> None:
    """Of many people the year alone is known."""
    for born, sure in (("1980-01-01", "doubtful"), ("1980-01-02", "certain")):
        more: dict[str, Any] = {"custom.birthday": born}
        assert people("Jana|Petersen", "Jana|Petersen", **more) == sure
        assert people("Jana|Petersen", "Jana|Ziegler", **more) == "none"
