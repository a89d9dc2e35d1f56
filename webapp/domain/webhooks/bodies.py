"""The items of a delivery's body: an unreadable one does not keep others from being accepted."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

UNREADABLE = None
"""Stands for an item that is no JSON; it is no event either."""

# A lone quotation mark begins a text without end. No letter beyond ASCII has a byte in common with a sign.
_SIGNS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_OPEN, _CLOSED = (b"[", b"{"), (b"]", b"}")


class NoArrayError(ValueError):
    """The body is no JSON array."""


def items_of(body: bytes) -> list[Any]:
    """The items of a JSON array: of an odd one, each that can be read, and `UNREADABLE` for each other.

    HubSpot repeats a whole delivery that is refused, and would be told the same again.

    Raises:
        NoArrayError: The body is no array, or ends before the array does.
    """
    try:
        return msgspec.json.decode(body, type=list[Any])
    except (ValueError, RecursionError):
        return [_item(part) for part in _parts(body)]


def _item(part: bytes) -> Any:
    readings: tuple[Callable[[bytes], Any], ...] = (msgspec.json.decode, _replaced)
    for read in readings:
        try:
            return read(part)
        except (ValueError, RecursionError):
            continue
    return UNREADABLE


def _replaced(part: bytes) -> Any:
    """An item whose broken letters are replaced; halves of letters are replaced where a text is stored."""
    return json.loads(part.decode("utf-8", "replace"), parse_constant=str)


def _parts(body: bytes) -> Iterator[bytes]:
    """The array cut at the commas between its items, however deep and odd each of these is."""
    body = body.strip()
    if not (body.startswith(b"[") and body.endswith(b"]")):
        raise NoArrayError
    depth, start = 0, 1
    for sign in _SIGNS.finditer(body):
        depth += (sign[0] in _OPEN) - (sign[0] in _CLOSED)
        is_end = depth == 0
        if sign[0] == b'"' or (is_end and sign.end() < len(body)):
            raise NoArrayError
        if is_end or (depth == 1 and sign[0] == b","):
            yield body[start : sign.start()]
            start = sign.end()
    if depth:
        raise NoArrayError
