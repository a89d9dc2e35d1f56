"""Cells of CSV files: formulas are guarded, and every value comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.records.files.csv_cells import from_cell, to_cell

_ODD = st.text(
    alphabet=st.sampled_from(list("'=+-@;(!\t\r\n \u200b\ufeff\uff1d\uff0b\uff0d\uff20a1")), max_size=8
)


@given(st.text() | _ODD)
def test_a_cell_always_gives_its_value_back(text: str) -> None:
    assert from_cell(to_cell(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "@SUM(A1)", "+cmd|'/c calc'!A0", "-2+3", "\t=1", "'=1", "\n=1", "\r=1"),
        *("\uff1d1+1", "\uff20SUM(A1)", "\uff0b1", "\uff0d1", " =1", "\u200b=1", "\ufeff@x", "\u00a0+a"),
    ],
)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert to_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('Nord;=HYPERLINK("x")', 'Nord;\'=HYPERLINK("x")'),
        ("Nord;=cmd|'/C calc'!A0;x", "Nord;'=cmd|'/C calc'!A0;x"),
        ("Nord\t @SUM(A1)", "Nord\t' @SUM(A1)"),
        ("Nord\r\n-cmd|x!A0\n\uff1dA(1)", "Nord\r\n'-cmd|x!A0\n'\uff1dA(1)"),
        ("Nord;'=A(1)", "Nord;''=A(1)"),
        ("=1;=A(1)", "'=1;'=A(1)"),
    ],
)
def test_nor_does_one_of_a_spreadsheet_that_expects_another_separator(text: str, cell: str) -> None:
    assert (to_cell(text), from_cell(cell)) == (cell, text)


@pytest.mark.parametrize(
    "text", ["Calls:\n- Anna\n- Max", "a;b;c", "Tel;+1 (555) 123-4567\n+49 (30) 1", "Nord (Sued); -5", "x;=1"]
)
def test_lists_and_numbers_inside_a_text_stay_as_they_are(text: str) -> None:
    assert to_cell(text) == text


@pytest.mark.parametrize("text", ["+49 30 123456", "-5", "+1 (555) 123-4567", "plain", "'quoted'", "", " a"])
def test_numbers_and_texts_stay_as_they_are(text: str) -> None:
    assert to_cell(text) == text


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(("'01234", "01234"), ("'+49 30 123456", "+49 30 123456"), ("'-5", "-5"), ("''01234", "'01234")),
        *(('="01234"', "01234"), ('="say ""yes"""', 'say "yes"'), ('=""', ""), ("=1+1", "=1+1")),
        *(
            ("'t Hooft", "'t Hooft"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("'90s Bar", "'90s Bar"),
            ("'", "'"),
        ),
    ],
)
def test_digits_that_a_spreadsheet_keeps_as_text_come_without_its_marks(cell: str, value: str) -> None:
    assert from_cell(cell) == value
    assert from_cell(to_cell(value)) == value
