"""A person's name without titles and particles, a nickname by its full form."""

import re
from functools import lru_cache

from webapp.domain.records.normal.junk import is_nobody, is_nothing
from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import rows, word_forms, words

TITLES = words("person_titles")
PARTICLES = words("person_particles")
GENERATIONS = word_forms("generations")
# A title, or the name of a shared mailbox, is not a person's name.
_NAMELESS = TITLES | frozenset(map(plain, words("role_mailboxes")))
_DIGIT = re.compile(r"\d")
# Digits before or within the letters of a word: So1a, 0skar. Behind them they are a number: Gast8.
_MISREAD = re.compile(r"\b(?!\d+(?:nd|rd|th|st)\b)\w*[^\W\d]")
# Between the names of two: Karl & Inge.
_WITH = re.compile(r"[&+]")
# Hebrew, Syriac and Arabic, the scripts from India to Cambodia and the Ethiopic one, Chinese characters, and
# Korean, which everybody writes in Latin in their own way.
_OF_SEVERAL_READINGS = re.compile(
    "[\u0590-\u077f\u0900-\u109f\u1200-\u137f\u1780-\u17ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\ufb1d-\ufdff\ufe70-\ufefc]"
)
# A name whose end a period stands for: Soph., Heinr.
_CUT = re.compile(r"\b[^\W\d_]{4,}(?=\.(?:[\s-]|$))")
# Saint-Martin, St. Martin.
_SAINT = re.compile(r"\b(?:saint|sankt|sainte|santa)\b(?=.)")
_SAINTS = {"saint": "st", "sankt": "st", "sainte": "ste", "santa": "sta"}
_AS_LETTERS = str.maketrans("01568", "olsbb")
# First names that mean nothing in another language: Nada Kovač.
_NOTHING_ELSEWHERE = frozenset({"nada", "nan"})
_PASSED_OVER = TITLES | PARTICLES | frozenset(GENERATIONS)


def _full_forms() -> dict[str, str]:
    """For each name or short form, the one name that stands for all of its forms."""
    found: dict[str, str] = {}
    for full, *short in rows("given_name_forms"):
        first = plain(full.split("/")[0])
        for form in (*map(plain, full.split("/")), *map(plain, short)):
            found.setdefault(form, first)
    return found


_FULL_FORMS = _full_forms()


@lru_cache(maxsize=4096)
def named(first_name: str | None, last_name: str | None) -> tuple[str, str]:
    """First and last name to compare; empty if one of them, or both together, are placeholders."""
    if first_name and ("&" in first_name or "+" in first_name):
        first_name = _WITH.sub(" and ", first_name)
    first, last = as_letters(plain(first_name or "")), as_letters(_shortened(plain(last_name or "")))
    last = "" if is_nothing(last) else last
    first = "" if is_nothing(first) and not (last and first in _NOTHING_ELSEWHERE) else first
    return ("", "") if names_nobody(f"{first} {last}".strip()) else (first, last)


def _shortened(name: str) -> str:
    """A name, as `plain` writes it, with Saint as people shorten it."""
    return _SAINT.sub(lambda found: _SAINTS[found[0]], name) if "sa" in name else name


def cut_words(*names: str) -> frozenset[str]:
    """The words of names, as they are compared, that end with a period in place of their last letters."""
    return frozenset(as_letters(plain(word)) for name in names if "." in name for word in _CUT.findall(name))


def has_several_readings(first_name: str, last_name: str) -> bool:
    """Whether a name is in a script without vowels, or of words, so that its reading is open."""
    name = first_name + last_name
    return not name.isascii() and _OF_SEVERAL_READINGS.search(name) is not None


def as_letters(name: str) -> str:
    """A name, as `plain` writes it, with letters for the digits within words; 2nd and Gast8 stay."""
    if name.isalpha() or not _DIGIT.search(name):
        return name
    return _MISREAD.sub(lambda found: found[0].translate(_AS_LETTERS), name)


def names_nobody(whole: str) -> bool:
    """Whether a person's whole name, as `plain` writes it, says nothing."""
    given = whole.split()
    if is_nobody(whole) or _NAMELESS.issuperset(given):
        return True
    return given[0] in TITLES and is_nothing(" ".join(word for word in given if word not in TITLES))


def person_words(whole: str) -> tuple[str, ...]:
    """The words of a whole name, as `plain` writes it; none where it names nobody.

    They are without titles, particles and generations, nicknames in their full form.
    """
    given = as_letters(_shortened(whole)).split()
    if names_nobody(" ".join(given)):
        return ()
    kept = given if _PASSED_OVER.isdisjoint(given) else [one for one in given if one not in _PASSED_OVER]
    return tuple([_FULL_FORMS.get(word, word) for word in kept or given])


def full_form(name: str) -> str:
    """The name that a given name, as `plain` writes it, is a form of."""
    return _FULL_FORMS.get(name, name)
