"""Detects a file's encoding from all of its bytes, before any row is read."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from msgspec import Struct, field

from webapp.domain.records.files.encoding_by_letters import LONGEST_LINE, OneByte, Several, guessed
from webapp.errors import Problem, problem

Utf = Literal["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
"""The names that Python has for them; `utf-8-sig` may go without its mark, `utf-16` has one."""
Other = Literal[OneByte, Several]
"""The encodings that a file does not show for certain: a person may choose another one."""
Encoding = Literal[Utf, Other]
OTHERS: tuple[Other, ...] = get_args(OneByte) + get_args(Several)

_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Workbooks and other archives begin like this, whatever their file is called.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# PDF, rich text, other archives and packed files, pictures, and UTF-32.
_NO_TABLES = (
    *(b"%PDF", b"{\\rtf", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff"),
    *(codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
)
# So many lines that are not in ASCII say how a file is written.
_MOST_LINES = 100
_LINE_BYTES = re.compile(rb"[\r\n]+")
_INVALID = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LINE_END = re.compile("\r\n|\r|\n")
# Letters of most scripts have their zero bytes on one side; a few on the other are signs of other alphabets.
_ONE_SIDED = 4


class _Seen(Struct):
    """Counts of letters beside ASCII and of invalid bytes in UTF-8, and the line of the first of these.

    `lines` are some that are not in ASCII, `used` all bytes that there are.
    """

    valid: int = 0
    invalid: int = 0
    line: int = 1
    lines: dict[bytes, None] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)


def encoding_of(content: Iterable[bytes]) -> Encoding | Problem:
    """The encoding of a file's bytes, given in parts, or the problem with it.

    Without a mark UTF-16 shows by its zero bytes, and UTF-8 by being valid. Where most of it is, it is UTF-8
    that something has damaged, and its letters would turn into others if it was read in another way. Else its
    letters say in which encoding it is likeliest.
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


def readings(cells: Sequence[bytes], present: Other) -> dict[Other, str]:
    """How the encodings read some cells that are not in ASCII, by encoding; the present one comes first.

    Those that cannot read them are left out, and those that read them as one before does.
    """
    found: dict[Other, str] = {}
    for name in dict.fromkeys((present, *OTHERS)):
        try:
            text = ", ".join(cell.decode(name) for cell in cells)
        except UnicodeDecodeError:
            continue
        if text not in found.values() and text.isprintable():
            found[name] = text
    return found


def _without_mark(first: bytes) -> Encoding | Problem:
    at_even, at_odd = first[::2].count(0), first[1::2].count(0)
    guessed: Encoding = "utf-16-le" if at_odd > at_even else "utf-16-be"
    is_one_sided = max(at_even, at_odd) > _ONE_SIDED * min(at_even, at_odd)
    # A zero byte that got into another text leaves no line that would have an end.
    decoder = codecs.getincrementaldecoder(guessed)("replace")
    is_text = is_one_sided and _LINE_END.search(decoder.decode(first)) is not None
    return guessed if is_text else problem("no_text")


def _of_bytes(first: bytes, rest: Iterator[bytes]) -> Encoding | Problem:
    seen = _Seen()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for part in _all(first, rest):
        if b"\0" in part:
            return problem("no_text")
        _count(seen, decoder.decode(part, final=not part))
        _keep_lines(seen, part)
    if not seen.invalid:
        return "utf-8-sig"
    if seen.invalid <= seen.valid:
        return problem("damaged_text", line=seen.line)
    return guessed(list(seen.lines), frozenset(seen.used))


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Every part, then an empty one for the end, at which an incomplete character is an error."""
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


def _keep_lines(seen: _Seen, part: bytes) -> None:
    """Keep lines that show the encoding; a line split between two parts does no harm."""
    if part.isascii():
        return
    seen.used.update(part)
    if len(seen.lines) >= _MOST_LINES:
        return
    for line in _LINE_BYTES.split(part):
        if not line.isascii() and len(seen.lines) < _MOST_LINES:
            seen.lines[line[:LONGEST_LINE]] = None
