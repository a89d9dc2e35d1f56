"""Values in CSV cells: what a spreadsheet would run as a formula is defused, and comes back as it was.

A cell that begins like a formula gets an apostrophe in front, which spreadsheets take as "this is text". So
begins `=`, `@`, a tab, a line break, or `+`/`-` before anything but a number; the first three signs in full
width too, which some spreadsheets narrow; and any of them behind blanks or characters that nobody sees, which
some leave out. What begins so after apostrophes gets one more, so that taking one away always gives the value
back.
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
