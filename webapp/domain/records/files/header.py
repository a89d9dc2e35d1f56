"""The first rows of a file: the separator that the first may name, and which fields its columns are."""

import re
from collections.abc import Iterable, Sequence

from webapp.domain.records.fields import CUSTOM, FIELDS_BY_NAME, ObjectType
from webapp.domain.records.values import trimmed
from webapp.errors import Problem, RefusedError, problem

IDS = ("id", "hubspot_id")
"""The columns that say which record a row is, and hold none of its fields."""

BY_DOMAIN, BY_NAME = "company_domain", "company_name"
"""The columns that name a contact's company where its number is not known."""

MOST_COLUMNS = 500
_SEPARATOR_ROW = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_LONGEST_SHOWN = 60
_MOST_SHOWN = 20


def separator_row(line: str) -> str | None:
    """The separator that a file's first line names, for spreadsheets; None if the line is a row."""
    found = _SEPARATOR_ROW.fullmatch(line.strip("\r\n"))
    return found[1] if found else None


def columns(object_type: ObjectType, cells: Sequence[str]) -> list[str]:
    """The names of the columns, without blank ones at the end.

    Raises:
        RefusedError: `wrong_header`; what is wrong, and what would fit.
    """
    names = _without_blank_end(cells)
    if wrong := _wrong(object_type, names):
        raise RefusedError("wrong_header", wrong=wrong, fitting=", ".join(_fitting(object_type)))
    return names


def headings(cells: Sequence[str]) -> list[str]:
    """The names of the columns as they are written, without blank ones at the end.

    Raises:
        RefusedError: `empty_file` or `too_many_columns`.
    """
    found = _without_blank_end(cells)
    if not found:
        raise RefusedError("empty_file")
    if len(found) > MOST_COLUMNS:
        raise RefusedError("too_many_columns", count=len(found), limit=MOST_COLUMNS)
    return found


def _without_blank_end(cells: Iterable[str]) -> list[str]:
    names = _names(cells)
    while names and not names[-1]:
        names.pop()
    return names


def _wrong(object_type: ObjectType, names: list[str]) -> list[Problem]:
    if not names:
        return [problem("empty_file")]
    if len(names) > MOST_COLUMNS:
        return [problem("too_many_columns", count=len(names), limit=MOST_COLUMNS)]
    unknown = [repr(_shown(name)) for name in names if not _is_known(object_type, name)]
    twice = sorted({_shown(name) for name in names if name and names.count(name) > 1})
    wrong = [problem("unknown_columns", names=_some(unknown))] if unknown else []
    return wrong + ([problem("named_twice", names=_some(twice))] if twice else [])


def _is_known(object_type: ObjectType, name: str) -> bool:
    is_custom = name.startswith(CUSTOM) and len(name) > len(CUSTOM)
    return is_custom or name in _fitting(object_type)


def _fitting(object_type: ObjectType) -> list[str]:
    of_company = [BY_DOMAIN, BY_NAME] if object_type == "contacts" else []
    return [*IDS, *FIELDS_BY_NAME[object_type], *of_company]


def _names(cells: Iterable[str]) -> list[str]:
    """The names without blanks and characters that nobody sees around them."""
    return [trimmed(cell) for cell in cells]


def _shown(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…"


def _some(names: list[str]) -> list[str]:
    return names if len(names) <= _MOST_SHOWN else [*names[:_MOST_SHOWN], "…"]
