"""Names of companies that several of one town bear: a trade, and the town or a person's name."""

from functools import cache, lru_cache

from webapp.domain.matching.likeness.last_names import existing_last_names
from webapp.domain.records.normal.companies import word_form
from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import word_forms, words

_WRITTEN = frozenset(map(plain, words("ordinary_company_words")))
_ORDINARY = _WRITTEN | frozenset(map(word_form, _WRITTEN))
_PASSED_OVER = words("company_family_words") | {"s"}
_LAST_NAMES = frozenset(word_forms("frequent_last_names"))
_FIRST_NAMES = frozenset(word_forms("frequent_first_names"))
# First and last name; or a frequent surname, and a word that is taken for a trade.
_OF_A_PERSON = 2


@lru_cache(maxsize=4096)
def is_ordinary_name(name: str, town: str) -> bool:
    """Whether several firms of a large town may have a name: Schmidt Electrics, Berlin Taxi, Dr. Anna Schulz.

    A surname alone, or with "and sons", is none, since a town's register has it once; nor are two surnames.

    Args:
        name: The words, as `company_words` gives them.
        town: The city that it is in.
    """
    named = [word for word in name.split() if word not in _PASSED_OVER]
    own = [word for word in named if word not in _ORDINARY and word not in town.split()]
    if len(own) == _OF_A_PERSON:
        are_surnames = all(word in _LAST_NAMES and word not in _FIRST_NAMES for word in own)
        return not (_LAST_NAMES.isdisjoint(own) or are_surnames)
    return len(own) < min(len(named), _OF_A_PERSON) and _peoples().issuperset(own)


@cache
def _peoples() -> frozenset[str]:
    return existing_last_names() | _FIRST_NAMES
