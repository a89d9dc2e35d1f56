"""Searching for records: the text that is searched, and how a query matches it.

A text is a record's words, each behind a blank, without case and accents. A search is found in it whatever
the order of its words, and by any part of a word; one or two letters have to begin one.
"""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.normal.hosts import email_key
from webapp.domain.records.normal.texts import plain, text_key
from webapp.domain.records.values import visible, writable

SHORTEST_PART = 3
"""The shortest text that an index of trigrams can find."""

_LONGEST_SEARCH = 300
_MOST_TERMS = 8
_NAMED_BY: dict[ObjectType, tuple[str, ...]] = {
    "companies": ("name", "city", "postcode", "industry"),
    "contacts": ("first_name", "last_name", "job_title", "city", "postcode"),
}
_ADDRESS: dict[ObjectType, str] = {"companies": "domain", "contacts": "email"}
_PHONES: dict[ObjectType, tuple[str, ...]] = {"companies": ("phone",), "contacts": ("phone", "mobile")}
_NOT_DIGIT = re.compile(r"\D+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_IS_NUMBER = re.compile(r"[\d\s()+/.\-]*\d[\d\s()+/.\-]*")
_FEWEST_DIGITS = 3
_BEFORE_HOST = re.compile(r"^(?:https?://)?(?:www\.)?")
# In other scripts a single sign is often a word; transliterated it would match many others.
_LONGEST_SPELLING = 2

Parts = tuple[str, ...]


class Term(Struct, frozen=True):
    """One word of a search.

    Attributes:
        ways: the ways in which it may be written; of one of them a text has to contain every part.
    """

    ways: tuple[Parts, ...]

    @property
    def is_indexed(self) -> bool:
        """Whether an index of trigrams can look for it, whichever way it is written."""
        return all(any(len(part) >= SHORTEST_PART for part in way) for way in self.ways)

    def is_in(self, text: str) -> bool:
        """Whether a text has the word."""
        return any(all(part in text for part in way) for way in self.ways)


class Search(Struct, frozen=True):
    """A search, ready for the index.

    Attributes:
        terms: all of them have to be found, in any order.
        name: what a name would begin with.
        address: what a domain or an e-mail address would begin with.
    """

    terms: tuple[Term, ...] = ()
    name: str = ""
    address: str = ""

    @property
    def is_indexed(self) -> bool:
        """Whether a trigram index helps; otherwise only beginnings are searched."""
        return any(term.is_indexed for term in self.terms)

    def is_in(self, text: str) -> bool:
        """Whether a record's text has all of the words."""
        return all(term.is_in(text) for term in self.terms)


def search_of(typed: str) -> Search:
    """The search for a typed text; without words it finds nothing."""
    given = visible(writable(typed))[:_LONGEST_SEARCH]
    if _IS_NUMBER.fullmatch(given) and len(digits := _NOT_DIGIT.sub("", given)) >= _FEWEST_DIGITS:
        shorter = digits.lstrip("0")
        ways = dict.fromkeys(one for one in (digits, shorter) if len(one) >= _FEWEST_DIGITS)
        terms: list[Term] = [Term(tuple((one,) for one in ways))]
    else:
        terms = [term for token in given.split() for term in _terms_of(token)]
    return Search(tuple(terms[:_MOST_TERMS]), text_key(given), _address(given))


def _address(given: str) -> str:
    address = email_key(given) or ""
    return address if "@" in address else _BEFORE_HOST.sub("", address).split("/")[0]


def _terms_of(token: str) -> list[Term]:
    """The words of what stands between two blanks; an address is one word, or else what it consists of."""
    spelled = text_key(token).split()
    if "@" in token or "." in token.strip("."):
        literal = _address(token)
        ways: list[Parts] = [(literal,)] if len(literal) >= SHORTEST_PART else []
        if spelled and not (ways and "@" in token):
            ways.append(tuple(_part(word) for word in spelled))
        return [Term(tuple(ways))] if ways else []
    return [Term(tuple(dict.fromkeys((_part(way),) for way in _spellings(word)))) for word in spelled]


def _spellings(word: str) -> list[str]:
    """A word as it is, and in short Latin letters."""
    other = plain(word)
    is_alike = bool(other) and " " not in other and len(other) <= _LONGEST_SPELLING * len(word)
    return [word, other] if is_alike else [word]


def _part(word: str) -> str:
    return word if len(word) >= SHORTEST_PART else f" {word}"


def text_of(
    object_type: ObjectType, values: Mapping[str, object], *, company: str = "", addresses: Iterable[str] = ()
) -> str:
    """The text in which searches find a record.

    Args:
        object_type: Companies or contacts.
        values: Its fields.
        company: Of a contact, the name of its company.
        addresses: Of a contact, its further e-mail addresses.
    """
    found: dict[str, None] = {}
    for given in (*(_text(values, name) for name in _NAMED_BY[object_type]), company):
        found.update(dict.fromkeys(text_key(given).split()))
        if given:
            found.update(dict.fromkeys(plain(given).split()))
    for address in (email_key(_text(values, _ADDRESS[object_type])), *addresses):
        if address:
            found[address] = None
    for name in _PHONES[object_type]:
        found.update(dict.fromkeys(_digits(_text(values, name))))
    return f" {' '.join(found)}" if found else ""


def _digits(phone: str) -> list[str]:
    """A number's digits, and those without the zero that is left out abroad."""
    ways = (phone, _TRUNK_ZERO.sub("", phone))
    return [digits for way in ways if (digits := _NOT_DIGIT.sub("", way))]


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
