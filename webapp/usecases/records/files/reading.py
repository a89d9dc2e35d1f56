"""A CSV file's rows, one after the other, whoever wrote it: encoding and separator are found out first."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from msgspec import Struct

from webapp.domain.matching.own_domains import is_own
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.encoding import OTHERS, Encoding, Other, encoding_of
from webapp.domain.records.files.header import columns, headings, separator_row
from webapp.domain.records.files.headings import separator_of
from webapp.domain.records.files.rows import Row, row_of
from webapp.domain.records.values import is_blank
from webapp.errors import Problem, RefusedError, problem

LONGEST_LINE = 1_000_000
"""Characters up to the next line break, and so what is held in memory of a file at once."""

LONGEST_CELL = 131_072
"""Characters; the module csv ends a cell there, and with it what a quote that is never closed swallows."""

_BYTES_AT_ONCE = 1 << 16
_MOST_SAMPLES = 3
_LONGEST_SAMPLE = 60
_MOST_ODD, _LONGEST_ODD = 3, 30


class FileLook(Struct, frozen=True):
    """A file's layout and columns, known before its rows are read.

    Attributes:
        digest: identifies its content.
        encoding: Python's name for it.
        separator: what stands between cells.
        names: the columns.
    """

    digest: str
    encoding: Encoding
    separator: str
    names: tuple[str, ...]


class Layout(Struct, frozen=True):
    """How a file is written, whatever its columns are called.

    Attributes:
        headings: what stands above the columns.
        samples: of each column what its first rows say.
        rows: how many there are behind the header, empty ones left out.
        odd_cells: some by which a person sees whether the encoding is right, of a file that does not show it
            for certain; each byte as the letter of its number.
    """

    digest: str
    encoding: Encoding
    separator: str
    headings: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    rows: int
    odd_cells: tuple[str, ...] = ()


def layout_of(path: Path, object_type: ObjectType, chosen: Other | None = None) -> Layout:
    """Read a whole file, and find out how it is written, unless a person has chosen its encoding.

    Raises:
        RefusedError: `unreadable`, `empty_file` or `too_many_columns`.
    """
    digest, encoding, separator = _writing_of(path, object_type, chosen)
    odd: dict[str, None] = {}
    with path.open(encoding=encoding, newline="") as stream:
        found = _cells(stream, separator)
        names = headings(next(found, (1, []))[1])
        samples: list[list[str]] = [[] for _ in names]
        rows = 0
        for _, row in found:
            rows += 1
            if encoding in OTHERS and len(odd) < _MOST_ODD:
                odd |= dict.fromkeys(cell for cell in row if not cell.isascii() and len(cell) <= _LONGEST_ODD)
            for texts, cell in zip(samples, row, strict=False):
                if len(texts) < _MOST_SAMPLES and not is_blank(cell):
                    texts.append(cell[:_LONGEST_SAMPLE])
    odd_cells = tuple(cell.encode(encoding).decode("latin-1") for cell in list(odd)[:_MOST_ODD])
    return Layout(digest, encoding, separator, tuple(names), tuple(map(tuple, samples)), rows, odd_cells)


def look_at(path: Path, object_type: ObjectType, chosen: Other | None = None) -> FileLook:
    """Find out how to read a file whose first row names fields, unless a person has chosen its encoding.

    Raises:
        RefusedError: `unreadable` or `wrong_header`.
    """
    digest, encoding, separator = _writing_of(path, object_type, chosen)
    with path.open(encoding=encoding, newline="") as stream:
        _, cells = next(_cells(stream, separator), (1, []))
    return FileLook(digest, encoding, separator, tuple(columns(object_type, cells)))


def _writing_of(path: Path, object_type: ObjectType, chosen: Other | None) -> tuple[str, Encoding, str]:
    """A file's digest, its encoding and the separator of its cells; a choice counts where none shows."""
    digest = hashlib.sha256()
    encoding = encoding_of(_content(path, digest))
    if isinstance(encoding, Problem):
        raise RefusedError("unreadable", place=encoding)
    encoding = chosen if chosen and encoding in OTHERS else encoding
    try:
        with path.open(encoding=encoding, newline="") as stream:
            first = next((line for line in _lines(stream) if line.strip()), "")
    except UnicodeDecodeError as error:
        raise _not_decoded(error, 1) from error
    return digest.hexdigest(), encoding, separator_row(first) or separator_of(first, object_type)


def rows_of(path: Path, look: FileLook, object_type: ObjectType, *, after: int = 1) -> Iterator[Row]:
    """The rows behind the header, or behind one of them; empty ones left out.

    Raises:
        RefusedError: `unreadable`; the row and what is wrong there.
    """
    for number, row in cells_of(path, look.encoding, look.separator):
        if number > after:
            found = row_of(object_type, number, look.names, row)
            # Pages at YouTube, shops of a builder, free mail: what many firms share is no firm's own.
            found.is_own_key = object_type == "contacts" or all(map(is_own, found.keys))
            yield found


def cells_of(path: Path, encoding: Encoding, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of each row behind the header, as they stand there; empty ones left out."""
    with path.open(encoding=encoding, newline="") as stream:
        cells = _cells(stream, separator)
        next(cells, None)
        yield from cells


def has_changed(path: Path, look: FileLook) -> bool:
    """Whether a file is another one than when it was looked at."""
    digest = hashlib.sha256()
    for _ in _content(path, digest):
        pass
    return digest.hexdigest() != look.digest


def _content(path: Path, digest: "hashlib._Hash") -> Iterator[bytes]:
    with path.open("rb") as content:
        while part := content.read(_BYTES_AT_ONCE):
            digest.update(part)
            yield part


def _cells(stream: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows as lists of cells, numbered as spreadsheets number them, empty ones left out."""
    number = 0
    try:
        reader = csv.reader(_rows_as_text(stream), delimiter=separator, strict=True)
        for number, cells in enumerate(reader, start=1):
            if not all(map(is_blank, cells)):
                yield number, cells
    except UnicodeDecodeError as error:
        raise _not_decoded(error, number + 1) from error
    except csv.Error as error:
        raise RefusedError("unreadable", place=_csv_problem(str(error), number + 1)) from error


def _not_decoded(error: UnicodeDecodeError, row: int) -> RefusedError:
    return RefusedError("unreadable", place=problem("not_decoded", row=row, encoding=error.encoding))


def _csv_problem(text: str, row: int) -> Problem:
    if "field larger" in text:
        return problem("giant_cell", row=row, limit=LONGEST_CELL)
    if "unexpected end" in text:
        return problem("open_quote", row=row)
    if "expected after" in text:
        return problem("stray_quote", row=row)
    return problem("bad_row", row=row, detail=text)


def _rows_as_text(stream: TextIO) -> Iterator[str]:
    """The lines without one that names the separator, which spreadsheets do not show."""
    lines = _lines(stream)
    first = next(lines, "")
    if separator_row(first) is None:
        yield first
    yield from lines


def _lines(stream: TextIO) -> Iterator[str]:
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            place = problem("giant_line", line=number, limit=LONGEST_LINE)
            raise RefusedError("unreadable", place=place)
        yield line
