"""An address that stands in one field, taken apart: Corso Garibaldi 77, 20121 Milano."""

import re
from functools import lru_cache

from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import word_forms

_KINDS = {plain(word) for pair in word_forms("street_words").items() for word in pair}
_BETWEEN = re.compile(r"\s*[,;\n]+\s*")
# Postcodes that stand before a town, the longer ones first: 22240-005, 1016 DV, 00-238, 903 26, 20121.
_BEFORE_TOWN = r"\d{5}-\d{3}|\d{4}-\d{3}|\d{4} ?[A-Z]{2}|\d{2}-\d{3}|\d{3} \d{2}|\d{4,6}"
# Those that stand behind it: BS1 2AW, H3G 1K9, MA 02108.
_BEHIND_TOWN = (
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|(?:[A-Z]{2} )?[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{2} \d{5}(?:-\d{4})?"
)
_CODE_AND_TOWN = re.compile(rf"(?:[A-Z]{{1,3}}[ -])?({_BEFORE_TOWN})\s+(\D{{2,}})")
_TOWN_AND_CODE = re.compile(rf"(?:(\D{{2,}}?)\s+)?({_BEHIND_TOWN})")
_STATE = re.compile(r"^[A-Z]{2} (?=\w)")
_FEWEST_OF_TOWN = 2


@lru_cache(maxsize=4096)
def in_its_fields(
    street: str | None, city: str | None, postcode: str | None
) -> tuple[str | None, str | None, str | None]:
    """Street, city and postcode, also where all of them stand in the first field."""
    if not street or city or postcode or _BETWEEN.search(street) is None:
        return street, city, postcode
    parts = [part for part in _BETWEEN.split(street.strip()) if part]
    # Behind the town there may be a country.
    for place in range(len(parts) - 1, 0, -1):
        if found := _area(parts, place):
            behind, town, code = found
            return ", ".join(parts[:behind]), town, code
    return street, city, postcode


def _area(parts: list[str], place: int) -> tuple[int, str, str] | None:
    """Where the street ends, the town and the postcode, if a part of an address is these."""
    if (found := _CODE_AND_TOWN.fullmatch(parts[place])) and not _is_street(found[2]):
        return place, found[2], found[1]
    if found := _TOWN_AND_CODE.fullmatch(parts[place]):
        code = _STATE.sub("", found[2])
        if found[1]:
            return place, found[1], code
        if place >= _FEWEST_OF_TOWN:
            return place - 1, parts[place - 1], code
    return None


def _is_street(text: str) -> bool:
    """Whether it is a street with a long number: 1200 Mill Lane."""
    words = plain(text).split()
    return bool(words) and (words[-1] in _KINDS or (words[0] in _KINDS and words[0] != "st"))
