"""What nobody sees: no value, no difference, no key of its own, at whatever border it comes in (B7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plain.plain import COMPANIES, CONTACTS, link
from webapp.domain.links.precedence import pulled_changes
from webapp.domain.mapping.incoming import display_name, read_incoming
from webapp.domain.push.outgoing import created_changes, pushed_changes
from webapp.domain.records.custom_fields import define
from webapp.domain.records.fields import Field
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.domain.records.validate import check
from webapp.domain.records.values import clean, is_blank, same, trimmed, visible
from webapp.domain.rules.rule import Condition, holds

INVISIBLE = [
    "\ufeff",
    "\u200b",
    "\u2060",
    "\u00ad",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u0085",
    "\u200c",
    "\u200d",
    "\u034f",
    "\u115f",
    "\u3164",
    "\u2800",
    "\ufe0f",
    "\u180e",
    "\U000e0001",
    "\U000e0100",
    "\x07",
    "\u202e",
    "\u2069",
]
invisible = st.text(st.sampled_from([*INVISIBLE, " ", "\t", "\n"]), max_size=4)


@given(invisible, invisible)
def test_what_nobody_sees_at_the_ends_is_no_part_of_a_value(before: str, behind: str) -> None:
    assert clean(f"{before}Birke & Söhne{behind}") == "Birke & Söhne"
    assert same(f"{before}Birke{behind}", "Birke")


@given(invisible)
def test_a_value_of_nothing_else_is_blank_and_overwrites_nothing(text: str) -> None:
    assert clean(text) is None
    assert is_blank(text)
    incoming = read_incoming({"name": text, "city": text}, COMPANIES)
    assert incoming.values == {}
    assert pulled_changes(incoming, {"name": "Birke", "city": "Ulm"}, {}, {}, COMPANIES) == []
    assert created_changes({"name": "Birke", "city": text}, COMPANIES) == [("name", None, "Birke")]
    assert pushed_changes({"city": text}, {"city": "Ulm"}, COMPANIES, link(1, "7")) == []


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "क\u094d\u200dष",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "葛\U000e0100",
        "🏴\U000e0067\U000e0062\U000e007f",
    ],
)
def test_what_joins_letters_or_chooses_their_look_stays(text: str) -> None:
    assert clean(f"\u200b {text} \u2060") == text


def test_marks_that_turn_the_direction_of_writing_are_taken_out() -> None:
    turned = "Nord\u202egpj.exe\u202c \u2067Verlag\u2069\u200f"
    assert clean(turned) == "Nordgpj.exe Verlag"
    assert display_name("companies", "1", {"name": turned}) == "Nordgpj.exe Verlag"
    assert check("companies", {"name": turned}, {}).values["name"] == "Nordgpj.exe Verlag"


@pytest.mark.parametrize("mark", INVISIBLE)
def test_it_makes_no_twins(mark: str) -> None:
    company = {"name": "Birke Druck GmbH", "domain": "birke.de", "city": "Ulm"}
    odd = {name: f"{mark}{value}{mark}" for name, value in company.items()}
    assert company_keys(odd) == company_keys(company)
    person = {"first_name": "Jonas", "last_name": "Wieland", "email": "jonas@birke.de", "postcode": "89073"}
    odd = {name: f"{mark}{value}{mark}" for name, value in person.items()}
    assert contact_keys(odd) == contact_keys(person)


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u2060", "\ufeff"])
def test_within_a_word_it_makes_none_either(mark: str) -> None:
    assert company_keys({"name": f"Bir{mark}ke"}) == company_keys({"name": "Birke"})
    assert contact_keys({"email": f"jonas@bir{mark}ke.de"}) == contact_keys({"email": "jonas@birke.de"})
    assert visible(f"bir{mark}ke.de") == "birke.de"


@given(st.text())
def test_trimming_twice_is_trimming_once(text: str) -> None:
    assert trimmed(trimmed(text)) == trimmed(text)


def test_a_form_drops_it_and_refuses_a_record_of_nothing_else() -> None:
    given = {"name": "\ufeffBirke\u200b", "domain": "\u200bbir\u00adke.de\u2060", "city": "\u2060"}
    checked = check("companies", given, {})
    assert (checked.errors, checked.values["name"], checked.values["domain"]) == ({}, "Birke", "birke.de")
    assert checked.values["city"] is None
    assert set(check("companies", {"name": "\u200b", "domain": "\ufeff"}, {}).errors) == {"name"}
    checked = check("contacts", {"email": "jonas\u200b@birke.de", "company_id": "1"}, {})
    assert (checked.errors, checked.values["email"]) == ({}, "jonas@birke.de")


def test_a_rule_does_not_see_it_either() -> None:
    assert holds(Condition("city", "is", "ulm"), "\ufeffUlm\u00a0")
    assert holds(Condition("city", "is_blank"), "\u200b")


def test_a_label_or_an_option_of_nothing_else_is_none() -> None:
    field, errors = define("companies", "level", "\u200b", "choice", "Gold\u200b\n\ufeff\nTin")
    assert set(errors) == {"label"}
    assert field.options == ("Gold", "Tin")


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("one\ntwo", "one\rtwo"),
        ("one\ntwo", "one\r\ntwo\r\n"),
        ("Café", "Cafe\u0301"),
        ("Ulm", "\u200bUlm\u00a0"),
    ],
)
def test_another_spelling_of_one_text_is_no_change(here: str, there: str) -> None:
    """Neither when it is pulled, nor pushed, nor where the base has the other one."""
    for ours, remote in ((here, there), (there, here)):
        incoming = read_incoming({"description": remote}, COMPANIES)
        assert pulled_changes(incoming, {"description": ours}, {}, {}, COMPANIES) == []
        assert pushed_changes({"description": ours}, {"description": remote}, COMPANIES, None) == []
        seen = link(1, "7", local_seen={"description": ours}, remote_seen={"description": ours})
        held: dict[str, str | None] = {"description": remote}
        assert pushed_changes({"description": remote}, held, COMPANIES, seen, is_automatic=True) == []


@pytest.mark.parametrize("typed", ["one\r\ntwo", "one\ntwo", "one\rtwo\r\n"])
def test_a_text_that_a_form_gives_back_is_not_edited(typed: str) -> None:
    stored = {"name": "Birke", "description": "one\rtwo"}
    assert check("companies", {"description": typed}, stored).values["description"] == "one\rtwo"


def test_a_control_of_one_line_gives_lines_back_without_their_ends() -> None:
    stored = {"name": "Birke", "street": "Hof 3\r\nTor B"}
    assert check("companies", {"street": "Hof 3Tor B"}, stored).values["street"] == "Hof 3\r\nTor B"
    edited = check("companies", {"description": "onetwo"}, {"name": "Birke", "description": "one\ntwo"})
    assert edited.values["description"] == "onetwo"


def test_an_edit_of_the_text_itself_is_one() -> None:
    seen = link(1, "7", local_seen={"description": "one\rtwo"}, remote_seen={"description": "one\rtwo"})
    sent = pushed_changes(
        {"description": "one\nthree"}, {"description": "one\rtwo"}, COMPANIES, seen, is_automatic=True
    )
    assert sent == [("description", "one\rtwo", "one\nthree")]
    incoming = read_incoming({"jobtitle": "Editor"}, CONTACTS)
    assert pulled_changes(incoming, {"job_title": "editor"}, {}, {}, CONTACTS)


def test_the_longest_text_is_measured_without_it() -> None:
    field = Field("custom.town", max_length=3)
    checked = check("companies", {"name": "A", "custom.town": "\u200bUlm\u200b"}, {}, [field])
    assert (checked.errors, checked.values["custom.town"]) == ({}, "Ulm")


@pytest.mark.parametrize(
    "text", ["\u0301", "\u0301\u0302", " \u20e3\u200b", "\u302e", "\u0903", "\ufeff\u0301\ufe0f"]
)
def test_accents_without_a_letter_are_no_value(text: str) -> None:
    assert clean(text) is None
    assert is_blank(text)
    assert read_incoming({"name": text, "city": "Ulm"}, COMPANIES).values == {"city": "Ulm"}


@pytest.mark.parametrize(
    "text", ["e\u0301", "\u0301a", "\u0928\u093f", "\u2764\ufe0f", "1\ufe0f\u20e3", "\u0e01\u0e34"]
)
def test_accents_with_a_letter_stay(text: str) -> None:
    assert clean(f" {text}\u200b") == text
