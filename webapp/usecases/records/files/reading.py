"""A CSV file's rows, one after the other, whoever wrote it: encoding and separator are found out first."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from msgspec import Struct

from webapp.domain.matching.own_domains import is_own
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.encoding import Encoding, encoding_of
from webapp.domain.records.files.header import columns, separator_of, separator_row
from webapp.domain.records.files.rows import Row, row_of
from webapp.domain.records.values import is_blank
from webapp.errors import Problem, RefusedError, problem

LONGEST_LINE = 1_000_000
"""Characters up to the next line break, and so what is held in memory of a file at once."""

LONGEST_CELL = 131_072
"""Characters; the module csv ends a cell there, and with it what a quote that is never closed swallows."""

_BYTES_AT_ONCE = 1 << 16


class FileLook(Struct, frozen=True):
    """What is known of a file before its rows are read.

    Attributes:
        digest: tells its content from any other.
        encoding: Python's name for it.
        separator: what stands between cells.
        names: the columns.
    """

    digest: str
    encoding: Encoding
    separator: str
    names: tuple[str, ...]


def look_at(path: Path, object_type: ObjectType) -> FileLook:
    """Find out how to read a file.

    Raises:
        RefusedError: `unreadable` or `wrong_header`.
    """
    digest = hashlib.sha256()
    encoding = encoding_of(_content(path, digest))
    if isinstance(encoding, Problem):
        raise RefusedError("unreadable", place=encoding)
    with path.open(encoding=encoding, newline="") as stream:
        first = next((line for line in _lines(stream) if line.strip()), "")
    separator = separator_row(first) or separator_of(first, object_type)
    with path.open(encoding=encoding, newline="") as stream:
        _, cells = next(_cells(stream, separator), (1, []))
    return FileLook(digest.hexdigest(), encoding, separator, tuple(columns(object_type, cells)))


def rows_of(path: Path, look: FileLook, object_type: ObjectType) -> Iterator[Row]:
    """The rows behind the header, empty ones left out.

    Raises:
        RefusedError: `unreadable`; the row and what is wrong there.
    """
    with path.open(encoding=look.encoding, newline="") as stream:
        cells = _cells(stream, look.separator)
        next(cells, None)
        for number, row in cells:
            found = row_of(object_type, number, look.names, row)
            # Pages at YouTube, shops of a builder, free mail: what many firms share is no firm's own.
            found.is_own_key = object_type == "contacts" or all(map(is_own, found.keys))
            yield found


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
        place = problem("not_decoded", row=number + 1, encoding=error.encoding)
        raise RefusedError("unreadable", place=place) from error
    except csv.Error as error:
        raise RefusedError("unreadable", place=_csv_problem(str(error), number + 1)) from error


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
