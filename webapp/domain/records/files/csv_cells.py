"""Values in CSV cells: formulas are defused for spreadsheets, and restored by an import.

A cell that begins like a formula gets an apostrophe in front, which spreadsheets take as "this is text". A
formula begins with `=`, `@`, a tab, a line break, or with `+` or `-` before anything but a number. The first
three signs count in full width too, which some spreadsheets narrow, and so does any of them after blanks or
invisible characters, which some leave out. A value that begins like this after apostrophes gets one more, so
that taking one away always restores it; and so do digits behind an apostrophe, since spreadsheets write one
before digits that are to stay as they are.

A spreadsheet that expects another separator than the file's, as one in German does, begins a cell in the
middle of a value, behind a semicolon, a tab or a line break. There a formula gets its apostrophe if it could
do anything but calculate: if it calls something.
"""

import csv
import io
import re
from collections.abc import Iterable

_UNSEEN = "[ \\u00a0\\u00ad\\u200b-\\u200f\\u2060\\ufeff]*"
# Phone numbers and negative amounts begin with a sign as well, and are no formulas.
_FORMULA = re.compile(
    rf"'*(?:{_UNSEEN}(?:[=@\t\r\n\uff1d\uff20\uff0b\uff0d]|[+-](?![\d\s().,/-]*(?:x\d+)?$)))", re.ASCII
)
# What spreadsheets put in front of digits that are to stay a text: postcodes, telephone numbers.
_KEPT_DIGITS = re.compile(r"'+[+-]?[\s().,/-]*\d[\d\s().,/-]*", re.ASCII)
_BEGINS_INSIDE = (
    rf"(?='*{_UNSEEN}(?:[=@\uff1d\uff20\uff0b\uff0d]|[+-](?![\d ().,/-]*(?:[;\t\r\n]|$)))[^;\t\r\n]*[(|!])"
)
_INSIDE = re.compile(rf"([;\t\r\n]){_BEGINS_INSIDE}", re.ASCII)
_GUARDED_INSIDE = re.compile(rf"([;\t\r\n])'{_BEGINS_INSIDE}", re.ASCII)
_TEXT_AS_FORMULA = re.compile(r'="((?:[^"]|"")*)"')


def to_cell(text: str) -> str:
    """The value as a CSV cell."""
    return _INSIDE.sub(r"\1'", f"'{text}" if _is_guarded(text) else text)


def to_lines(rows: Iterable[Iterable[str]]) -> str:
    """The rows as lines of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([to_cell(value) for value in row] for row in rows)
    return text.getvalue()


def from_cell(cell: str) -> str:
    """The value of a CSV cell; a formula of nothing but a text, as programs write digits, is that text."""
    cell = _GUARDED_INSIDE.sub(r"\1", cell)
    if found := _TEXT_AS_FORMULA.fullmatch(cell):
        return found[1].replace('""', '"')
    return cell[1:] if cell.startswith("'") and _is_guarded(cell) else cell


def _is_guarded(text: str) -> bool:
    """Whether a value needs an apostrophe: as a formula, or because an import would remove its own one."""
    return bool(_FORMULA.match(text) or _KEPT_DIGITS.fullmatch(text))
