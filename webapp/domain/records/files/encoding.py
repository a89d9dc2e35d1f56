"""Detects a file's encoding from all of its bytes, before any row is read."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from webapp.errors import Problem, problem

Encoding = Literal["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
"""The names that Python has for them; `utf-8-sig` may go without its mark, `utf-16` has one."""

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Workbooks and other archives begin like this, whatever their file is called.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NO_BYTE = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_INVALID = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LINE_END = re.compile("\r\n|\r|\n")
# Letters of most scripts have their zero bytes on one side; a few on the other are signs of other alphabets.
_ONE_SIDED = 4


class _Seen(Struct):
    """The count of letters beside ASCII and of invalid bytes in UTF-8, and the line of the first of these."""

    valid: int = 0
    invalid: int = 0
    line: int = 1


def encoding_of(content: Iterable[bytes]) -> Encoding | Problem:
    """The encoding of a file's bytes, given in parts; or what is wrong with it.

    Without a mark UTF-16 shows by its zero bytes, and UTF-8 by being valid. What is not is Windows-1252,
    unless most of it is valid: then it is UTF-8 that something has damaged, and its letters would turn into
    others if it was read in another way.
    """
    parts = iter(content)
    first = next(parts, b"")
    if first.startswith(_WORKBOOKS):
        return problem("workbook")
    if first.startswith(_UTF_16_MARKS):
        return "utf-16"
    if b"\0" in first:
        return _without_mark(first)
    return _of_bytes(first, parts)


def _without_mark(first: bytes) -> Encoding | Problem:
    at_even, at_odd = first[::2].count(0), first[1::2].count(0)
    if at_odd > _ONE_SIDED * at_even:
        return "utf-16-le"
    return "utf-16-be" if at_even > _ONE_SIDED * at_odd else problem("no_text")


def _of_bytes(first: bytes, rest: Iterator[bytes]) -> Encoding | Problem:
    seen, has_undefined = _Seen(), False
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for part in _all(first, rest):
        if b"\0" in part:
            return problem("no_text")
        _count(seen, decoder.decode(part, final=not part))
        has_undefined = has_undefined or bool(_NO_BYTE.search(part))
    if not seen.invalid:
        return "utf-8-sig"
    if seen.invalid > seen.valid and not has_undefined:
        return "cp1252"
    return problem("damaged_text", line=seen.line)


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Every part, and an empty one behind them: the end, at which half a character is one too few."""
    yield first
    yield from (part for part in rest if part)
    yield b""


def _count(seen: _Seen, text: str) -> None:
    if text.isascii():
        seen.line += 0 if seen.invalid else len(_LINE_END.findall(text))
        return
    invalid = len(_INVALID.findall(text))
    if not seen.invalid:
        before = _INVALID.split(text, maxsplit=1)[0]
        seen.line += len(_LINE_END.findall(before))
    seen.invalid += invalid
    seen.valid += len(_NOT_ASCII.findall(text)) - invalid
