"""Fields with a type: HubSpot's texts become our values and go back, and no value turns back and forth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_the_order_of_several_choices_is_no_difference() -> None:
    assert agree(FIELDS["choices"], "Blue;Red", "r;Blue", "Red;Blue", MAPPING)
