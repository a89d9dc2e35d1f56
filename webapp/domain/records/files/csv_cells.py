"""Values in CSV cells: what a spreadsheet would run as a formula is defused, and restored by an import.

A cell that begins like a formula gets an apostrophe in front, which spreadsheets take as "this is text". A
formula begins with `=`, `@`, a tab, a line break, or with `+` or `-` before anything but a number. The first
three signs count in full width too, which some spreadsheets narrow, and so does any of them after blanks or
invisible characters, which some leave out. A value that begins like this after apostrophes gets one more, so
that taking one away always restores it.
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


def to_cell(text: str) -> str:
    """The value as a CSV cell."""
    return f"'{text}" if _FORMULA.match(text) else text


def to_lines(rows: Iterable[Iterable[str]]) -> str:
    """The rows as lines of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([to_cell(value) for value in row] for row in rows)
    return text.getvalue()


def from_cell(cell: str) -> str:
    """The value of a CSV cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
