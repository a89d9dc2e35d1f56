"""Errors as they may be logged: their kind, their place in the code, and of their text what is no value.

The text of an error may quote whatever the program had in hand: a name, an address, a token. Of it stays what
the code that raised it has literally, and what Python and the databases say in fixed words; the rest is `…`.
"""

import builtins
import errno
import os
import re
import sqlite3
import traceback
from collections.abc import Iterator
from types import CodeType
from typing import Any

from webapp.errors import TwinbookError

HIDDEN = "…"
"""Stands for what is not said."""

_MOST_CHARACTERS = 2000
_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"

# Fields of a text that is a literal but for what is put into it.
_FIELDS = re.compile(r"%[-#0 +]*[\d.*]*[a-zA-Z%]|\{[^{}]*\}")
_SHORTEST_PHRASE = 2

_TYPES = "|".join(sorted(name for name, one in vars(builtins).items() if isinstance(one, type)))
_TYPE = rf"'(?:{_TYPES}|NoneType|function|method|module|generator|coroutine|datetime\.\w+)'"
_FIXED = re.compile(
    "|".join(
        (
            rf"unsupported operand type\(s\) for \S{{1,3}}( or pow\(\))?: {_TYPE} and {_TYPE}",
            rf"'[<>=]{{1,2}}' not supported between instances of {_TYPE} and {_TYPE}",
            rf"{_TYPE} object (is not (subscriptable|iterable|callable|an iterator)|is not reversible)",
            rf"{_TYPE} object does not support item (assignment|deletion)",
            rf"{_TYPE} object cannot be interpreted as an integer",
            rf"object of type {_TYPE} has no len\(\)",
            rf"unhashable type: {_TYPE}",
            r"(list|tuple|string|bytearray|range object|pop|list assignment) index out of range",
            r"pop from (an )?empty (list|set|deque)",
            r"(integer |float )?(division|modulo)( or modulo)?( by zero)?",
            r"not enough values to unpack \(expected (at least )?\d+, got \d+\)",
            r"too many values to unpack \(expected \d+(, got \d+)?\)",
            r"maximum recursion depth exceeded[a-z A-Z]*",
            r"(dictionary|Set|deque) (changed size|keys changed|mutated) during iteration",
            r"can't (compare|subtract) offset-naive and offset-aware datetimes",
            r"Expected `[\w |]+`, got `\w+`( - at `\$(\.\w+|\[\d*\]|\[\.\.\.\])*`)?",
            r"((UNIQUE|NOT NULL|CHECK|FOREIGN KEY|PRIMARY KEY) constraint failed)(: [\w., ]+)?",
            r"no such (table|index|function): [\w.]+",
            r"database (is locked|or disk is full|disk image is malformed)|disk I/O error",
            r"unable to open database file|attempt to write a readonly database",
        )
    )
)

# Errors of PostgreSQL that quote the names of tables, columns and constraints; all others may quote data.
_NAMING_CLASS = "23"
_NAMING = ("42P01", "42P07", "42703", "42701", "42501", "42704", "42883")
# From the first sign of a quotation to the last, or to the end where that was cut off.
_QUOTED = re.compile(r"[\"'«„“「](?:.*[\"'»“”」]|.*)", re.DOTALL)


def traceback_of(error: BaseException) -> str:
    """Where an error was raised and why, as Python tells it, without values."""
    return "".join(_lines(error, set())).rstrip("\n")


def named(error: BaseException) -> str:
    """An error's kind and text, without values."""
    kind = type(error)
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    text = text_of(error)
    return f"{module}{kind.__qualname__}: {text}" if text else f"{module}{kind.__qualname__}"


def text_of(error: BaseException) -> str:
    """The text of an error, without values."""
    if isinstance(of_driver := getattr(error, "orig", None), BaseException):
        return text_of(of_driver)
    code = error.sqlite_errorname if hasattr(error, "sqlite_errorname") else getattr(error, "sqlstate", None)
    if isinstance(code, str) and not isinstance(error, sqlite3.Error):
        return f"{code} {without_values(code, _full_text(error))}"
    found = _of_system(error) or _of_ours(error) or _of_names(error) or _of_literals(error)
    return f"{code} {found}" if isinstance(code, str) else found


def without_values(sqlstate: str, message: str) -> str:
    """PostgreSQL's main message without the values that it quotes; names of tables and constraints stay.

    Left out are DETAIL and CONTEXT, which follow in lines of their own.
    """
    is_naming = sqlstate.startswith(_NAMING_CLASS) or sqlstate in _NAMING
    return message.partition("\n")[0] if is_naming else _QUOTED.sub(HIDDEN, message).partition("\n")[0]


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    """The lines of an error, behind those of what led to it."""
    seen.add(id(error))
    cause, context = error.__cause__, error.__context__
    if cause is not None and id(cause) not in seen:
        yield from _lines(cause, seen)
        yield _CAUSE
    elif context is not None and not error.__suppress_context__ and id(context) not in seen:
        yield from _lines(context, seen)
        yield _CONTEXT
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{named(error)}\n"
    for number, one in enumerate(getattr(error, "exceptions", ()), start=1):
        yield f"\nPart {number} of {len(error.exceptions)}:\n\n"  # type: ignore[attr-defined]
        yield from _lines(one, seen)


def _full_text(error: BaseException) -> str:
    """All of its text; some errors fail at that."""
    try:
        return str(error)[:_MOST_CHARACTERS]
    except Exception:  # noqa: BLE001 - whatever happens in it, the place of the error is to be logged
        return HIDDEN


def _of_system(error: BaseException) -> str:
    """What the system says of its own errors, without the names of files."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None or number not in errno.errorcode:
        return ""
    return f"[{errno.errorcode[number]}] {os.strerror(number)}"


def _of_ours(error: BaseException) -> str:
    """The stable name of what we raise on purpose."""
    reason = getattr(error, "reason", None)
    return reason if isinstance(error, TwinbookError) and isinstance(reason, str) else ""


def _of_names(error: BaseException) -> str:
    """What is missing where the code names it."""
    name = getattr(error, "name", None)
    if not isinstance(error, AttributeError | NameError | ImportError) or not isinstance(name, str):
        return ""
    code = _raising_code(error)
    shown = name if code is not None and name in (*code.co_names, *code.co_varnames) else HIDDEN
    if isinstance(error, AttributeError):
        return f"'{type(error.obj).__name__}' object has no attribute '{shown}'"
    return f"cannot find '{shown}'"


def _of_literals(error: BaseException) -> str:
    """The text without whatever neither the raising code has literally, nor Python in fixed words."""
    text = _full_text(error)
    literals = set(_literals(error))
    if not text or text in literals or _FIXED.fullmatch(text):
        return text
    phrases = {
        part for one in literals for part in _FIELDS.split(one) if len(part.split()) >= _SHORTEST_PHRASE
    }
    if not phrases:
        return HIDDEN
    known = "|".join(re.escape(part) for part in sorted(phrases, key=len, reverse=True))
    cut = re.split(f"({known})", text)
    return "".join(
        part if number % 2 else HIDDEN if part.strip() else part for number, part in enumerate(cut)
    )


def _literals(error: BaseException) -> Iterator[str]:
    """The texts in the code that raised an error, and in what made and words it."""
    makers = [vars(kind).get(name) for kind in type(error).__mro__ for name in ("__init__", "__str__")]
    codes: list[Any] = [_raising_code(error), *(getattr(one, "__code__", None) for one in makers)]
    for code in codes:
        if code is not None:
            yield from (one for one in code.co_consts if isinstance(one, str))


def _raising_code(error: BaseException) -> CodeType | None:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place.tb_frame.f_code if place is not None else None
