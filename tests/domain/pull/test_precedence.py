"""Whose value is kept when HubSpot's state is pulled (B6, B7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plain.plain import COMPANIES, CONTACTS, clearing, link
from webapp.domain.links.precedence import company_change, pulled_changes
from webapp.domain.mapping.incoming import read_incoming
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.values import Change, Value, is_blank

blank = st.sampled_from([None, "", " ", "\t\n", "\u00a0", "\0"])
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=4) | st.sampled_from(
    ["Berlin", "0", "12", "lead", "n.de"]
)
properties = st.dictionaries(st.sampled_from(COMPANIES.properties), blank | text)
record = st.fixed_dictionaries({item.field: st.none() | text for item in COMPANIES.fields})


def changes(
    sent: dict[str, str | None],
    local: dict[str, Value],
    mapping: Mapping = CONTACTS,
    local_seen: dict[str, Value] | None = None,
    remote_seen: dict[str, str | None] | None = None,
) -> list[Change]:
    return pulled_changes(read_incoming(sent, mapping), local, local_seen or {}, remote_seen or {}, mapping)


def test_hubspots_values_replace_ours_field_by_field() -> None:
    """B6."""
    sent: dict[str, str | None] = {"firstname": "Jonas", "jobtitle": "Editor", "city": None}
    local: dict[str, Value] = {"first_name": "Jonas", "job_title": "Intern", "city": "Berlin"}
    assert changes(sent, local) == [("job_title", "Intern", "Editor")]


@given(st.dictionaries(st.sampled_from(COMPANIES.properties), blank), record, record)
def test_a_blank_never_overwrites(
    sent: dict[str, str | None], local: dict[str, Value], seen: dict[str, Value]
) -> None:
    """B7."""
    assert changes(sent, local, COMPANIES, seen, {"name": "before"}) == []


@given(properties, record)
def test_a_pull_never_leaves_a_field_blank_that_had_data(
    sent: dict[str, str | None], local: dict[str, Value]
) -> None:
    assert not [change for change in changes(sent, local, COMPANIES) if is_blank(change[2])]


@given(properties, record)
def test_pulling_the_same_again_changes_nothing(sent: dict[str, str | None], local: dict[str, Value]) -> None:
    after = local | {name: new for name, _old, new in changes(sent, local, COMPANIES)}
    assert changes(sent, after, COMPANIES) == []


def test_zero_is_data_on_both_sides() -> None:
    """B7."""
    assert changes({"numberofemployees": "0"}, {"employees": 12}, COMPANIES) == [("employees", 12, 0)]
    assert changes({"numberofemployees": "12"}, {"employees": 0}, COMPANIES) == [("employees", 0, 12)]


def test_a_blank_clears_where_the_mapping_says_so_and_hubspot_really_sent_one() -> None:
    mapping = clearing(CONTACTS, "city", "job_title", "status")
    local: dict[str, Value] = {"city": "Berlin", "job_title": "Editor", "phone": "1", "status": "Lead"}
    sent: dict[str, str | None] = {"city": " ", "phone": None, "lifecyclestage": "unheard of"}
    assert changes(sent, local, mapping) == [("city", "Berlin", None)]


def test_what_hubspot_made_of_our_number_is_no_difference_until_one_side_changes() -> None:
    seen: dict[str, Value] = {"phone": "030 123456"}
    then: dict[str, str | None] = {"phone": "+49 30 123456"}
    assert changes({"phone": "+49 30 123456"}, {"phone": "030 123456"}, CONTACTS, seen, then) == []
    here_changed = changes({"phone": "+49 30 123456"}, {"phone": "040 99"}, CONTACTS, seen, then)
    assert here_changed == [("phone", "040 99", "+49 30 123456")]
    there_changed = changes({"phone": "+49 30 7"}, {"phone": "030 123456"}, CONTACTS, seen, then)
    assert there_changed == [("phone", "030 123456", "+49 30 7")]


@pytest.mark.parametrize(
    ("old", "new", "remote_id", "had_one", "expected"),
    [
        (3, 4, "9", True, (("company_id", 3, 4), None)),
        (3, 3, "9", True, (None, None)),
        (None, 4, "9", False, (("company_id", None, 4), None)),
        (3, None, "9", True, (None, "company_not_synced")),
        (3, None, None, True, (None, "company_lost")),
        (3, None, None, False, (None, None)),
    ],
)
def test_what_becomes_of_a_contacts_company(
    old: int,
    new: int | None,
    remote_id: str | None,
    had_one: bool,  # noqa: FBT001 - a column of the table
    expected: object,
) -> None:
    seen = {"company_id": "8"} if had_one else {}
    assert company_change(old, new, remote_id, link(1, "1", remote_seen=seen)) == expected
