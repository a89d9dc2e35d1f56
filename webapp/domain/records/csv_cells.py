"""Values in CSV cells: what a spreadsheet would run as a formula is defused, and comes back as it was.

A cell that begins like a formula (`=`, `@`, tab, carriage return, or `+`/`-` before anything but a number)
gets an apostrophe in front, which spreadsheets take as "this is text". One that begins so after apostrophes
gets one more, so that taking one away always gives the value back.
"""

import re

# Phone numbers and negative amounts begin with a sign as well, and are no formulas.
_FORMULA = re.compile(r"'*(?:[=@\t\r]|[+-](?![\d\s().,/-]*(?:x\d+)?$))", re.ASCII)


def to_cell(text: str) -> str:
    """The value as a CSV cell."""
    return f"'{text}" if _FORMULA.match(text) else text


def from_cell(cell: str) -> str:
    """The value of a CSV cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
