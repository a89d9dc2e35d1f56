"""Frequencies of values among the records: a common name says less than a rare one.

The counts of a book are smoothed: as if there were fifty thousand further records in which a value occurs as
often as the shipped lists say, once where they say nothing. So a small book is judged by the lists, a large
one by itself.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log2

from msgspec import Struct, field

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.normal.word_lists import word_forms

Term = tuple[str, str]
"""What is counted, as `contacts.phone`, and the value."""

FEWEST = 5
"""Values that fewer records share are rare, and not counted one by one."""
MOST = 2_000
"""As many values of each sort are counted, the most frequent ones."""
COUNTED: Mapping[ObjectType, Mapping[str, str]] = {
    "companies": {
        "companies.name": "name_key",
        "companies.phone": "phone_key",
        "companies.domain": "domain_key",
        "companies.street": "street_key",
    },
    "contacts": {
        "contacts.name": "name_key",
        "contacts.last_name": "name_key",
        "contacts.phone": "phone_key",
        "contacts.email": "email_key",
        "contacts.street": "street_key",
    },
}
"""What is counted of each type: by sort, the key of records that it is read from."""

_LAST_NAME, _FIRST_NAME = "contacts.last_name", "contacts.first_name"
# Of those who bear a last name, one in so many bears a given first name as well.
_WITH_ONE_FIRST_NAME = 100
_FURTHER_RECORDS = 50_000
_SHORTEST_FIRST_NAME = 3
# Signs of one record hang together, so rarity counts for less than each of them alone would say.
_MOST_GAINED = 3.0
_MOST_LESS = 3.0


class Frequencies(Struct, frozen=True):
    """How many records share which values, as counted at one moment.

    Attributes:
        version: what this count is called in the log; 0 where nothing was counted.
        records: by object type, how many records there were.
        counts: by sort, as `contacts.phone`, and value, how many records have it.
    """

    version: int = 0
    records: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def rarity(self, term: Term) -> float:
        """How much rarer a value is than one shared by one record in fifty thousand, as log2."""
        sort, value = term
        if sort == _FIRST_NAME:  # not counted: too few bear one first name at one address
            return -log2(_shipped(sort, value))
        others = max(self.counts.get(sort, _NONE).get(value, 1) - 1, 0)
        present = self.records.get(sort.partition(".")[0], 0)
        share = (others + _shipped(sort, value)) / (present + _FURTHER_RECORDS)
        if sort == _LAST_NAME:
            share /= _WITH_ONE_FIRST_NAME
        return min(_MOST_GAINED, -log2(share * _FURTHER_RECORDS))

    def size_penalty(self, object_type: str) -> float:
        """The effect of the book's size on the prior odds, as log2: zero, or negative for large books."""
        present = self.records.get(object_type, 0)
        return max(-_MOST_LESS, -log2((present + _FURTHER_RECORDS) / _FURTHER_RECORDS))


def as_counted(sort: str, keys: Iterable[str | None]) -> Iterable[str | None]:
    """The part of a key that is counted; for a name its last word, usually the last name."""
    return (key and last_word(key) for key in keys) if sort == _LAST_NAME else keys


def last_word(name_key: str) -> str:
    """The word that stands for the last name in the key of a whole name."""
    return name_key.rpartition(" ")[2]


def is_frequent_first_name(first: str) -> bool:
    """Whether the shipped list has the first of somebody's first names, or it is no whole name."""
    name = first.partition(" ")[0]
    return len(name) < _SHORTEST_FIRST_NAME or name in _FIRST_NAMES


_NONE: Mapping[str, int] = {}
DEFAULT = Frequencies()
"""The shipped frequencies alone."""

_FIRST_NAMES = {name: int(count) for name, count in word_forms("frequent_first_names").items()}
_LAST_NAMES = {name: int(count) for name, count in word_forms("frequent_last_names").items()}
_COMPANIES = {
    name.replace("_", " "): int(count) for name, count in word_forms("frequent_company_names").items()
}


@lru_cache(maxsize=4096)
def _shipped(sort: str, value: str) -> float:
    """How many of fifty thousand records have a value, by the shipped lists; once where they say nothing."""
    if sort == "companies.name":
        return float(_COMPANIES.get(value, 1))
    if sort == "contacts.name":
        first, _, last = value.partition(" ")
        both = _FIRST_NAMES.get(first, 0) * _LAST_NAMES.get(last, 0) / _FURTHER_RECORDS
        return max(1.0, both)
    if sort in (_LAST_NAME, _FIRST_NAME):
        return float((_LAST_NAMES if sort == _LAST_NAME else _FIRST_NAMES).get(value, 1))
    return 1.0
