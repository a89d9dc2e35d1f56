"""Texts in the language of who reads them; outside of the application in English, as they stand in the code.

A table holds English texts by stable names and gives each in the language of the moment at which it is looked
up, so that it can be made when its module is imported.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import flask_babel
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup
from msgspec import Struct, structs

Name = TypeVar("Name")
Text = TypeVar("Text")

DEFAULT = "en"
_LOCALES = {"en": "en_GB", "de": "de_DE"}
# Hebrew, Arabic and their neighbours, with the forms in which older systems wrote them.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


class Table(Mapping[Name, Text], Generic[Name, Text]):
    """Texts by stable name, in the language of who reads them.

    Args:
        texts: In English; each a text, or a value that is made of texts alone.
    """

    def __init__(self, texts: Mapping[Name, Text]) -> None:
        self._texts = dict(texts)

    def __getitem__(self, name: Name) -> Text:
        text: Text = _in_language(self._texts[name])
        return text

    def __iter__(self) -> Iterator[Name]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __or__(self, other: "Table[Name, Text]") -> "Table[Name, Text]":
        return Table(self._texts | other._texts)


def mark(text: str) -> str:
    """A text that is to be translated, and is handed to `gettext` elsewhere."""
    return text


def gettext(text: str, /, **given: object) -> str:
    """A text with its parameters, `%(name)s`."""
    return str(flask_babel.gettext(text, **_apart(given)))


def ngettext(one: str, several: str, number: int, /, **given: object) -> str:
    """A text that depends on a number, which is also its parameter `%(num)s`."""
    return str(flask_babel.ngettext(one, several, number, **_apart(given)))


def isolated(text: Any) -> Any:
    """A text that is written from right to left, so marked that the order of what stands around it stays.

    Anything else stays as it is, and markup stays markup.
    """
    is_foreign = isinstance(text, str) and not text.isascii() and _RIGHT_TO_LEFT.search(text)
    return _FIRST_STRONG_ISOLATE + text + _POP_ISOLATE if is_foreign else text


def is_right_to_left(text: str) -> bool:
    """Whether a text, which may be markup, is written from right to left, as its first letter is."""
    if text.isascii():
        return False
    plain = text.striptags() if isinstance(text, Markup) else text
    first = next((one for one in map(unicodedata.bidirectional, plain) if one in ("L", "R", "AL")), "L")
    return first != "L"


def language() -> str:
    """The language of the texts now, as `de`."""
    found = flask_babel.get_locale()
    return DEFAULT if found is None else str(found.language)


def locale_name() -> str:
    """Babel's name of the locale for numbers and moments, such as `de_DE`."""
    return _LOCALES.get(language(), _LOCALES[DEFAULT])


def number_text(value: float) -> str:
    """A number with its thousands apart."""
    return format_decimal(value, locale=locale_name())


def fraction_text(value: float) -> str:
    """A number that may count nothing, so that its thousands stay together; a year has none."""
    return format_decimal(value, format="0.############", locale=locale_name())


def percent_text(share: float) -> str:
    """A share in whole percent."""
    return format_percent(
        share, format="#,##0\u00a0%" if language() == "de" else "#,##0%", locale=locale_name()
    )


def date_pattern(pattern: str) -> str:
    """A pattern of Babel's as the reader's language writes it: `d. MMM` for `d MMM` in German."""
    return pattern.replace("d MMM", "d. MMM") if language() == "de" else pattern


def _apart(given: Mapping[str, object]) -> dict[str, Any]:
    return {name: isolated(value) for name, value in given.items()}


def _in_language(value: Any) -> Any:
    if isinstance(value, str):
        return gettext(value) if value else value
    if isinstance(value, Struct):
        return type(value)(*map(_in_language, structs.astuple(value)))
    parts = tuple(map(_in_language, value))
    return type(value)(*parts) if hasattr(value, "_fields") else parts
