"""Single values: what becomes of HubSpot's texts, and when two spellings say the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plain.plain import COMPANIES, CONTACTS, MAPPINGS
from webapp.domain.mapping.values import Misfit, agree, to_local, to_remote
from webapp.domain.records.fields import FIELDS, FIELDS_BY_NAME, Field
from webapp.domain.records.values import clean, is_blank, writable

COMPANY = FIELDS_BY_NAME["companies"]
CONTACT = FIELDS_BY_NAME["contacts"]
EVERY_FIELD = [(kind, field) for kind, fields in FIELDS.items() for field in fields]

# Every character there is, halves of surrogate pairs and NUL included.
any_text = st.text(st.characters(exclude_categories=())) | st.text("\0\ud800\udfff a\t\u00a0")


@given(any_text)
def test_a_cleaned_text_can_be_written_to_any_database(raw: str) -> None:
    for text in (clean(raw), writable(raw)):
        assert text is None or "\0" not in text
        (text or "").encode()
        json.dumps(text).encode()


@given(any_text)
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)
    assert clean(raw) != ""


def test_nul_is_removed_and_half_a_surrogate_pair_replaced() -> None:
    assert clean("Nord\0licht \ud83d Verlag") == "Nordlicht \ufffd Verlag"


@pytest.mark.parametrize("raw", [None, "", " ", "\t\n", "\u00a0\u2003", "\0", "\0 \0"])
def test_null_empty_and_white_space_are_blank_in_every_field(raw: str | None) -> None:
    for kind, field in EVERY_FIELD:
        assert to_local(field, raw, MAPPINGS[kind]) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, True), ("", True), ("  ", True), (0, False), ("0", False), (False, False), ("x", False)],
)
def test_zero_and_false_are_data(value: object, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_blank(value) is expected


def test_zero_employees_are_taken_over() -> None:
    assert to_local(COMPANY["employees"], "0", COMPANIES) == 0


@pytest.mark.parametrize(("raw", "number"), [("12", 12), ("12.0", 12), ("-3", -3), ("2147483647", 2**31 - 1)])
def test_whole_numbers_are_read(raw: str, number: int) -> None:
    assert to_local(COMPANY["employees"], raw, COMPANIES) == number


@pytest.mark.parametrize(
    "raw", ["2147483648", "99999999999999999999", "12.5", "many", "1e400", "-2147483649"]
)
def test_a_number_out_of_range_or_none_at_all_does_not_fit(raw: str) -> None:
    assert to_local(COMPANY["employees"], raw, COMPANIES) == Misfit("value_not_fitting")


def test_zeros_behind_the_point_do_not_make_a_number_too_long() -> None:
    assert to_local(COMPANY["employees"], "1200000.0000", COMPANIES) == 1_200_000


def test_a_text_may_be_as_long_as_its_field_and_no_longer() -> None:
    job_title = CONTACT["job_title"]
    longest = "x" * job_title.max_length
    assert to_local(job_title, f" {longest} ", CONTACTS) == longest
    assert to_local(job_title, longest + "x", CONTACTS) == Misfit("value_too_long")


def test_stages_become_statuses_by_the_table_and_unknown_ones_do_not_fit() -> None:
    assert to_local(CONTACT["status"], "salesqualifiedlead", CONTACTS) == "Prospect"
    assert to_local(CONTACT["status"], "12345", CONTACTS) == Misfit("status_unmapped")


def test_former_and_other_are_not_sent() -> None:
    sent = {
        status: to_remote(CONTACT["status"], status, CONTACTS) for status in ("Customer", "Former", "Other")
    }
    assert sent == {"Customer": "customer", "Former": None, "Other": None}


@given(st.sampled_from(EVERY_FIELD), any_text)
def test_what_was_taken_over_agrees_with_where_it_came_from(entry: tuple[str, Field], raw: str) -> None:
    kind, field = entry
    mapping = MAPPINGS[kind]  # type: ignore[index]
    value = to_local(field, raw, mapping)
    if not isinstance(value, Misfit):
        assert agree(field, value, raw, value, mapping)


@given(st.sampled_from(EVERY_FIELD), any_text.filter(lambda text: not is_blank(clean(text))))
def test_a_blank_here_never_agrees_with_data_there(entry: tuple[str, Field], raw: str) -> None:
    kind, field = entry
    incoming = to_local(field, raw, MAPPINGS[kind])  # type: ignore[index]
    if not isinstance(incoming, Misfit):
        assert not agree(field, None, raw, incoming, MAPPINGS[kind])  # type: ignore[index]


@pytest.mark.parametrize(
    ("field", "local", "remote"),
    [
        (CONTACT["email"], "Jonas@Nordlicht.DE", "jonas@nordlicht.de"),
        (COMPANY["domain"], "https://www.Nordlicht.de/kontakt", "nordlicht.de"),
        (CONTACT["phone"], "+49 30 / 123-456", "+4930123456"),
    ],
)
def test_what_hubspot_spells_its_own_way_agrees(field: Field, local: str, remote: str) -> None:
    assert agree(field, local, remote, remote, CONTACTS)


@pytest.mark.parametrize(
    ("field", "local", "remote"),
    [
        (CONTACT["email"], "jonas@nordlicht.de", "jona@nordlicht.de"),
        (CONTACT["phone"], "030 123456", "030 123457"),
        (CONTACT["phone"], "on request", "reception"),
        (CONTACT["first_name"], "jonas", "Jonas"),
    ],
)
def test_what_says_something_else_does_not_agree(field: Field, local: str, remote: str) -> None:
    assert not agree(field, local, remote, remote, CONTACTS)


def test_a_status_that_would_be_sent_as_what_hubspot_holds_agrees() -> None:
    assert agree(CONTACT["status"], "Lead", "subscriber", "Lead", CONTACTS)
    assert not agree(CONTACT["status"], "Former", "customer", "Customer", CONTACTS)
