"""Fields with a type: HubSpot's texts become our values and go back, and no value turns back and forth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from webapp.domain.mapping.definitions import PropertyKind
from webapp.domain.mapping.mapping import FieldMap, Mapping
from webapp.domain.mapping.values import Misfit, agree, to_local, to_remote
from webapp.domain.records.fields import Field, FieldKind
from webapp.domain.records.values import clean

COLOURS = ("Red", "Green", "Blue")
FIELDS = {
    kind: Field(f"custom.{kind}", kind, kind, options=COLOURS if kind.startswith("choice") else ())
    for kind in ("number", "date", "datetime", "yes_no", "choice", "choices")
}
OPTIONS = {"Red": "r", "Green": "g_1", "Blue": "Blue"}
MAPPING = Mapping(
    "companies",
    tuple(
        FieldMap(field.name, f"hs_{kind}", options=OPTIONS if field.options else {})
        for kind, field in FIELDS.items()
    ),
    {},
    {},
    custom=tuple(FIELDS.values()),
)

likely_texts = st.one_of(
    st.from_regex(r"[+-]?\d{0,20}\.?\d{0,20}(e[+-]?\d{1,3})?", fullmatch=True),
    st.dates().map(str),
    st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
    st.integers(-(10**16), 10**16).map(str),
    st.lists(st.sampled_from([*OPTIONS.values(), "", "purple"])).map(";".join),
    st.sampled_from(["true", "false", "TRUE", "yes", "NaN", "inf", "1e999", "2026-02-30"]),
    st.text(),
)


@given(st.sampled_from(list(FIELDS.values())), likely_texts)
def test_what_was_taken_in_goes_back_as_the_same_and_is_never_written_again(field: Field, raw: str) -> None:
    value = to_local(field, raw, MAPPING)
    if value is None or isinstance(value, Misfit):
        return
    assert agree(field, value, clean(raw), value, MAPPING)
    back = to_remote(field, value, MAPPING)
    assert back is not None
    assert to_local(field, back, MAPPING) == value


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("number", "12", 12),
        ("number", "12.0", 12),
        ("number", "-0.25", -0.25),
        ("number", "0", 0),
        ("date", "2026-11-24", "2026-11-24"),
        ("date", "1795478400000", "2026-11-24"),
        ("date", "2026-11-24T00:00:00Z", "2026-11-24"),
        ("datetime", "2026-11-24T09:15:00+01:00", "2026-11-24T08:15:00.000Z"),
        ("datetime", "1795508100123", "2026-11-24T08:15:00.123Z"),
        ("datetime", "2026-11-24", "2026-11-24T00:00:00.000Z"),
        ("yes_no", "true", True),
        ("yes_no", "false", False),
        ("choice", "g_1", "Green"),
        ("choices", "Blue;r", "Red;Blue"),
        ("choices", ";r", "Red"),
        ("choices", "r;mauve", "Red"),
    ],
)
def test_hubspots_texts_become_values(kind: FieldKind, raw: str, expected: object) -> None:
    value = to_local(FIELDS[kind], raw, MAPPING)
    assert (type(value), value) == (type(expected), expected)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", 1e22, "10000000000000000000000"),
        ("number", 0.1, "0.1"),
        ("number", 0, "0"),
        ("date", "2026-11-24", "2026-11-24"),
        ("yes_no", False, "false"),
        ("choice", "Green", "g_1"),
        ("choices", "Red;Blue", "r;Blue"),
        ("choices", "Red;Mauve", "r"),
        ("choices", "Mauve", None),
    ],
)
def test_values_become_hubspots_texts(kind: FieldKind, value: str | float, expected: str | None) -> None:
    assert to_remote(FIELDS[kind], value, MAPPING) == expected


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("number", "twelve", "value_not_fitting"),
        ("number", "NaN", "value_not_fitting"),
        ("number", "1e999", "value_not_fitting"),
        ("date", "2026-02-30", "value_not_fitting"),
        ("date", "next week", "value_not_fitting"),
        ("datetime", "9" * 15, "value_not_fitting"),
        ("yes_no", "perhaps", "value_not_fitting"),
        ("choice", "mauve", "option_unmapped"),
        ("choices", "mauve;pink", "option_unmapped"),
    ],
)
def test_what_does_not_fit_is_named_and_left_alone(kind: FieldKind, raw: str, reason: str) -> None:
    assert to_local(FIELDS[kind], raw, MAPPING) == Misfit(reason)


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("date", "1980-05-12", "1980-05-12"),
        ("date", "1980/5/12", "1980-05-12"),
        ("date", "1980.05.12", "1980-05-12"),
        ("date", "1980-05-12T00:30:00+02:00", "1980-05-12"),
        ("date", "1980-05-12 23:30:00-08:00", "1980-05-12"),
        ("date", "1980", None),
        ("date", "46", None),
        ("date", "0", None),
        ("date", "19800512", None),
        ("date", "-1", None),
        ("date", "325987200000", None),
        ("date", "12.05.1980", None),
        ("date", "05/12/1980", None),
        ("date", "1980-05", None),
        ("date", "1980-05/12", None),
        ("date", "1980-02-30", None),
        ("number", "12.5", 12.5),
        ("number", "1.125", 1.125),
        ("number", "1.500", None),
        ("number", "1,500", None),
        ("number", "12 pieces", None),
        ("integer", "12.0", 12),
        ("integer", "1.000", None),
        ("integer", "1.500", None),
    ],
)
def test_in_a_property_of_text_only_what_is_plainly_meant_is_read(
    kind: FieldKind, raw: str, expected: object
) -> None:
    field = Field(f"custom.{kind}", kind, kind)
    in_text = replace(MAPPING, kinds={field.name: "text"})
    value = to_local(field, raw, in_text)
    assert value == (Misfit("value_not_fitting") if expected is None else expected)
    if not isinstance(value, Misfit):
        assert agree(field, value, raw, value, in_text)


@pytest.mark.parametrize(
    ("property_kind", "raw", "expected"),
    [
        ("date", "325987200000", "1980-05-01"),
        ("date", "86400000", "1970-01-02"),
        ("datetime", "325987200000", "1980-05-01"),
        ("datetime", "2026-11-24T00:30:00+01:00", "2026-11-23"),
    ],
)
def test_milliseconds_are_read_where_hubspot_keeps_a_date(
    property_kind: PropertyKind, raw: str, expected: str
) -> None:
    assert to_local(FIELDS["date"], raw, replace(MAPPING, kinds={"custom.date": property_kind})) == expected


@pytest.mark.parametrize("raw", ["1980", "46", "19800512"])
def test_of_a_property_that_nobody_has_read_a_year_is_no_moment(raw: str) -> None:
    assert to_local(FIELDS["date"], raw, MAPPING) == Misfit("value_not_fitting")


@pytest.mark.parametrize(
    ("raw", "truth"), [("TRUE", True), ("yes", True), ("1", True), ("No", False), ("0", False)]
)
def test_yes_and_no_are_read_however_they_are_written(raw: str, truth: bool) -> None:  # noqa: FBT001 - a column
    assert to_local(FIELDS["yes_no"], raw, MAPPING) is truth


def test_the_order_of_several_choices_is_no_difference() -> None:
    assert agree(FIELDS["choices"], "Blue;Red", "r;Blue", "Red;Blue", MAPPING)
