"""Addresses as they are read: of one form alone, and a number too large for the database matches no row."""

from flask import Flask
from werkzeug.routing import IntegerConverter

from webapp.store.database.ids import LARGEST_ID


def _up_to(largest: int) -> str:
    """A pattern of the numbers from 0 to `largest`."""
    digits = str(largest)
    rest = len(digits) - 1
    same_length = [
        f"{digits[:place]}[0-{int(digit) - 1}][0-9]{{{rest - place}}}"
        for place, digit in enumerate(digits)
        if digit != "0"
    ]
    return f"(?:{'|'.join([f'[0-9]{{1,{rest}}}', *same_length, digits])})"


class RowNumber(IntegerConverter):
    """The meaning of `<int:...>` in every address of the application.

    The bound is part of the pattern: a larger number matches no address, whatever the method.
    """

    regex = _up_to(LARGEST_ID)


def register(app: Flask) -> None:
    """Let every address be read so; called before any route is bound."""
    app.url_map.converters["int"] = RowNumber
    # Werkzeug would lead from two slashes to one by a whole address, on the host that the caller names.
    app.url_map.merge_slashes = False


def row_number(text: str) -> int | None:
    """The number of a row that a query or form holds, as in `args.get(name, type=row_number)`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(LARGEST_ID)):
        return None
    number = int(text)
    return number if number <= LARGEST_ID else None
