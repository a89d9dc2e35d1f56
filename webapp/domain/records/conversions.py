"""Converts numbers, days, moments, yes and no, and choices between HubSpot's texts and our values.

HubSpot writes a day as `2026-11-24` or as the milliseconds of its midnight in UTC, a moment as ISO text or as
milliseconds, yes and no as `true` and `false`, several choices joined by `;`. In a property of text people
write what they like: there digits alone are no moment, and only what cannot be meant otherwise is read. What
is read here and written back is read as the same value again, so that no sync turns a value back and forth.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from webapp.domain.records.fields import FieldKind
from webapp.domain.records.values import trimmed

# From here on a float does not distinguish neighbouring whole numbers; ids of other systems are as long.
_FEWEST_INEXACT = 2**53
# What both databases and JSON keep of a whole number.
_LARGEST_WHOLE = 2**63 - 1
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# 1.500 is a thousand and a half to some, and one and a half to others; nobody writes 1.5 so.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}\.\d\d0", re.ASCII)
_MILLISECONDS = re.compile(r"-?\d{1,15}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY_IN_TEXT = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)
# With points between them the day comes first, wherever dates are written so.
_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_DAY = len("1980-05-12")
# Spreadsheets write true and false in their user's language.
_TRUTHS = dict.fromkeys(
    ("true", "yes", "y", "on", "1", "wahr", "ja", "j", "vrai", "oui"), True
) | dict.fromkeys(("false", "no", "n", "off", "0", "falsch", "nein", "faux", "non"), False)

Plain = str | int | float


def read_number(text: str) -> int | float:
    """A number; whole ones are whole, and keep all of their digits.

    Raises:
        ValueError: It is no number, or too large to be stored exactly.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large")
    if abs(number) < _FEWEST_INEXACT:
        return int(number) if number.is_integer() else number
    exact = Decimal(text)
    if exact == exact.to_integral_value() and abs(exact) <= _LARGEST_WHOLE:
        return int(exact)
    if exact != Decimal(repr(number)):
        raise ValueError("more digits than are kept")
    return number


def read_day(text: str) -> str:
    """A day as `2026-11-24`; a moment gives its day in UTC.

    Raises:
        ValueError: it is none.
    """
    if _DAY.fullmatch(text):
        return date.fromisoformat(text).isoformat()
    return _moment(text).date().isoformat()


def read_moment(text: str) -> str:
    """A moment as `2026-11-24T08:15:00.000Z`; a day gives its midnight in UTC.

    Raises:
        ValueError: it is none.
    """
    return _moment(text).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_yes_no(text: str) -> bool:
    """True or false.

    Raises:
        ValueError: it is neither.
    """
    if (found := _TRUTHS.get(text.lower())) is None:
        raise ValueError("neither true nor false")
    return found


def read_number_in_text(text: str) -> int | float:
    """A number as people write it.

    Raises:
        ValueError: it is none, or may as well be another one.
    """
    if is_of_two_meanings(text):
        raise ValueError("of two meanings")
    return read_number(text)


def is_of_two_meanings(text: str) -> bool:
    """Whether a number is ambiguous: its point may separate a fraction or group thousands."""
    return _GROUPED.fullmatch(text) is not None


def read_day_in_text(text: str) -> str:
    """A day as people write it, the year first: `1980-05-12`, `1980/5/12`; of a moment, its day as written.

    Raises:
        ValueError: it is none, or may as well be another one.
    """
    found = _DAY_IN_TEXT.fullmatch(text)
    if found is None:
        raise ValueError("no day")
    if len(text) > _LONGEST_DAY:
        datetime.fromisoformat(text)
    return date(int(found[1]), int(found[3]), int(found[4])).isoformat()


def read_typed_day(text: str) -> str:
    """A date that a person types, whose reading the form shows: `12.5.1980` as well.

    Raises:
        ValueError: it is none, or may as well be another one.
    """
    if found := _DAY_FIRST.fullmatch(text):
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    return read_day_in_text(text)


def read_moment_in_text(text: str) -> str:
    """A moment as people write it; digits alone are not accepted.

    Raises:
        ValueError: it is none.
    """
    if _MILLISECONDS.fullmatch(text):
        raise ValueError("digits alone")
    return read_moment(text)


READERS: dict[FieldKind, Callable[[str], Plain]] = {
    "number": read_number,
    "date": read_day,
    "datetime": read_moment,
    "yes_no": read_yes_no,
}
"""How the text of a property of a type becomes our value, by the field's kind; the others keep the text."""

READERS_OF_TEXT: dict[FieldKind, Callable[[str], Plain]] = {
    "number": read_number_in_text,
    "date": read_day_in_text,
    "datetime": read_moment_in_text,
    "yes_no": read_yes_no,
}
"""How the text of a property of text, or of unknown type, becomes our value."""


def written(value: Plain) -> str:
    """Our value in HubSpot's form: never in scientific notation, `true` and `false` in small letters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)


def parts(text: str) -> list[str]:
    """The single values of a multiple choice, each once, as HubSpot joins them."""
    return list(spelt_parts(text))


def spelt_parts(text: str) -> dict[str, str]:
    """The same, each with what surrounds it: HubSpot takes `golf ` only as it is spelt in its definition."""
    return {part: raw for raw in text.split(";") if (part := trimmed(raw))}


def in_order(chosen: list[str], options: tuple[str, ...]) -> str:
    """A multiple choice as it is stored: in the order of its options, unknown ones last."""
    places = {option: place for place, option in enumerate(options)}
    return ";".join(sorted(set(chosen), key=lambda option: (places.get(option, len(places)), option)))


def _moment(text: str) -> datetime:
    if _MILLISECONDS.fullmatch(text):
        try:
            return _EPOCH + timedelta(milliseconds=int(text))
        except OverflowError:
            raise ValueError("no moment that a calendar has") from None
    if not (_DAY.fullmatch(text) or _MOMENT.fullmatch(text)):
        raise ValueError("no moment")
    found = datetime.fromisoformat(text)
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise ValueError("no moment that a calendar has") from None
