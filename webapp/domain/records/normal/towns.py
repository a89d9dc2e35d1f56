"""The normal form of a town: under one of its names, without linking words."""

from functools import cache, lru_cache

from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import rows

_SHORTENED = {"saint": "st", "sankt": "st", "sint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}
_LINKING = frozenset({"am", "an", "im", "in", "a", "i", "der", "upon", "on", "sur", "nad"})


@lru_cache(maxsize=4096)
def town_form(town: str) -> str:
    """The form in which a town, as `plain` writes it, is compared: Munich is München."""
    forms = _forms()
    if town in forms:
        return forms[town]
    first, *further = [_SHORTENED.get(word, word) for word in town.split()] or [""]
    # A district or its number follows the name: Praha 5, Prague 5.
    return " ".join([forms.get(first, first), *(word for word in further if word not in _LINKING)])


@cache
def _forms() -> dict[str, str]:
    """By name of a town, the first of its names."""
    named = ([plain(name.replace("_", " ")) for name in row] for row in rows("town_forms"))
    return {name: names[0] for names in named for name in names}
