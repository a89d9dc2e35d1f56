"""Detects a file's encoding from all of its bytes, before any row is read."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from webapp.errors import Problem, problem

Encoding = Literal["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac-roman"]
"""The names that Python has for them; `utf-8-sig` may go without its mark, `utf-16` has one."""

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Workbooks and other archives begin like this, whatever their file is called.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# PDF, rich text, other archives and packed files, pictures, and UTF-32.
_NO_TABLES = (
    *(b"%PDF", b"{\\rtf", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff"),
    *(codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
)
_NO_BYTE = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# Letters of Mac OS Roman are signs in Windows-1252, or none at all, and what stands beside a letter is one.
_MAC_LETTERS = re.compile(rb"(?<=[A-Za-z])[\x80-\x90\x98\x9a\x9f\xa7]|[\x80-\x90\x9a\x9f](?=[a-z])")
# These are beyond doubt: capital letters or a section sign within a word, accents alone, or no character.
_MAC_ALONE = re.compile(rb"(?<=[a-z])[\x81\x83\x87\x88\x8a\x8d-\x90\x98\x9f]|(?<=[a-z])\xa7(?=[a-z])")
_WINDOWS_LETTERS = re.compile(rb"(?<=[A-Za-z])[\xc0-\xff]|[\xc0-\xff](?=[a-z])")
_INVALID = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LINE_END = re.compile("\r\n|\r|\n")
# Letters of most scripts have their zero bytes on one side; a few on the other are signs of other alphabets.
_ONE_SIDED = 4


class _Seen(Struct):
    """Counts of letters beside ASCII and of invalid bytes in UTF-8, and the line of the first of these.

    `mac`, `mac_alone` and `windows` count the letters that the bytes are in either of these encodings.
    """

    valid: int = 0
    invalid: int = 0
    line: int = 1
    mac: int = 0
    mac_alone: int = 0
    windows: int = 0

    @property
    def is_mac(self) -> bool:
        """Whether the letters beside ASCII are those of Mac OS Roman."""
        return bool(self.mac_alone) and self.mac > self.windows


def encoding_of(content: Iterable[bytes]) -> Encoding | Problem:
    """The encoding of a file's bytes, given in parts; or what is wrong with it.

    Without a mark UTF-16 shows by its zero bytes, and UTF-8 by being valid. What is not is Windows-1252,
    unless most of it is valid: then it is UTF-8 that something has damaged, and its letters would turn into
    others if it was read in another way. Mac OS Roman shows by letters where Windows has signs within words.
    """
    parts = iter(content)
    first = next(parts, b"")
    if first.startswith(_WORKBOOKS):
        return problem("workbook")
    if first.startswith(_NO_TABLES):
        return problem("no_text")
    if first.startswith(_UTF_16_MARKS):
        return "utf-16"
    if b"\0" in first:
        return _without_mark(first)
    return _of_bytes(first, parts)


def _without_mark(first: bytes) -> Encoding | Problem:
    at_even, at_odd = first[::2].count(0), first[1::2].count(0)
    guessed: Encoding = "utf-16-le" if at_odd > at_even else "utf-16-be"
    is_one_sided = max(at_even, at_odd) > _ONE_SIDED * min(at_even, at_odd)
    # A zero byte that got into another text leaves no line that would have an end.
    decoder = codecs.getincrementaldecoder(guessed)("replace")
    is_text = is_one_sided and _LINE_END.search(decoder.decode(first)) is not None
    return guessed if is_text else problem("no_text")


def _of_bytes(first: bytes, rest: Iterator[bytes]) -> Encoding | Problem:
    seen, has_undefined = _Seen(), False
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for part in _all(first, rest):
        if b"\0" in part:
            return problem("no_text")
        _count(seen, decoder.decode(part, final=not part))
        _count_letters(seen, part)
        has_undefined = has_undefined or bool(_NO_BYTE.search(part))
    if not seen.invalid:
        return "utf-8-sig"
    if seen.invalid > seen.valid and seen.is_mac:
        return "mac-roman"
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


def _count_letters(seen: _Seen, part: bytes) -> None:
    """Count the letters that the bytes would be; those that two parts divide do not matter."""
    if not part.isascii():
        seen.mac += len(_MAC_LETTERS.findall(part))
        seen.mac_alone += len(_MAC_ALONE.findall(part))
        seen.windows += len(_WINDOWS_LETTERS.findall(part))
