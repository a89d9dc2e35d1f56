"""A company's name reduced to its distinctive words: no legal form, no connectives, no town in brackets."""

import re
from functools import cache, lru_cache

from cleanco.clean import (
    custom_basename,
    normalize_terms,
    normalized,
    prepare_default_terms,
    strip_punct,
    strip_tail,
)

from webapp.domain.records.normal.junk import is_nobody
from webapp.domain.records.normal.numbers import as_number, counted, with_compounds
from webapp.domain.records.normal.texts import plain, text_key
from webapp.domain.records.normal.word_lists import rows, word_forms, words
from webapp.domain.records.values import visible

_LEADING = words("leading_legal_forms")
_LINKING = words("company_linking_words")
_FORMS = word_forms("forms_of_company_words")
_CARE_OF = re.compile(r"(?<!\S)c ?/ ?o\b.*", re.IGNORECASE | re.DOTALL)
# "S.n.c. di A. Bellini & C.", "Inh. Karla Petersen": who owns it, behind its name.
_OWNED = re.compile(
    r"(?<=\w)[,\s]+(?:s\.?n\.?c\.?|s\.?a\.?s\.?|s\.?r\.?l\.?)\s+di\s.*"
    r"|(?<=\w)[,\s(]+(?:inh\b\.?|inhaber(?:in)?\b|titolare\b)[:\s].*",
    re.IGNORECASE | re.DOTALL,
)
_BRACKETED = re.compile(r"^(.*\S)\s*[(\[]([^()\[\]]+)[)\]]\s*$", re.DOTALL)
_LONG_RUN = re.compile(r"[^.\w]{9,}")
# Legal forms in scripts that put no blank between them and the name.
_GLUED_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|[(\uff08][株有合][)\uff09]|[㈱㈲]"
    r"|(?:股份|责任|責任)?有限(?:责任|責任)?公司|주식회사|유한회사|[(\uff08]주[)\uff09]"
)


@lru_cache(maxsize=4096)
def company_key(name: str | None) -> str | None:
    """A company's name as it is matched: without legal form, case, accents and punctuation."""
    if not name:
        return None
    return text_key(_without_legal_form(name)) or text_key(name) or None


@lru_cache(maxsize=4096)
def naming_key(name: str | None) -> str | None:
    """The same; None where the name is a legal form alone, or says nothing."""
    key = company_key(name)
    if name is None or key is None or is_nobody(plain(key)) or is_nobody(plain(text_key(name))):
        return None
    if not text_key(_without_legal_form(name)):
        return None
    return key


@lru_cache(maxsize=4096)
def company_words(name: str | None) -> str:
    """A company's name to compare: its words, without legal form and words that link others."""
    name = _CARE_OF.sub("", name) if name and "/" in name else name
    name = _OWNED.sub("", name) if name else name
    key = with_compounds(plain(naming_key(without_bracket(name)[0]) or ""))
    named = [as_number(word) for word in key.split() if word not in _LINKING]
    return " ".join(named) or key


def word_form(word: str) -> str:
    """A word of a company's name in the form in which it is compared: st for Saint and Sankt."""
    return _FORMS.get(word, word)


@lru_cache(maxsize=4096)
def without_bracket(name: str | None) -> tuple[str, str]:
    """A name without the brackets after it, and their content: usually a town, never a number."""
    if not name or not name.rstrip().endswith((")", "]")):
        shorter = _without_legal_form(name) if name and ("(" in name or "[" in name) else ""
        return without_bracket(shorter) if shorter and shorter != name else (name or "", "")
    found = _BRACKETED.match(name)
    if found is None or any(counted(word, is_last=True) for word in plain(found[2]).split()):
        return name, ""
    return (found[1], found[2]) if text_key(found[1]) else (name, "")


@lru_cache(maxsize=4096)
def _without_legal_form(name: str) -> str:
    """Ask the library only about the legal forms whose words occur: it compares with each it is given."""
    # The library goes back over such a run from each of its characters.
    name = _LONG_RUN.sub(" ", visible(name))
    if not name.isascii():
        name = _GLUED_FORMS.sub(" ", name).strip()
    tokens = {strip_punct(word) for word in normalized(strip_tail(name)).split()}
    legal_forms, by_last_word = _legal_forms()
    places = sorted({place for word in tokens for place in by_last_word.get(word, ())})
    without: str = custom_basename(name, [legal_forms[place] for place in places])
    first, _, rest = without.partition(" ")
    return rest if rest.strip() and strip_punct(first).casefold() in _LEADING else without


@cache
def _legal_forms() -> tuple[list[tuple[int, list[str]]], dict[str, list[int]]]:
    """The library's legal forms in its order, each with its number of words; their places by last word."""
    own = [form.split() for form in normalize_terms(" ".join(row) for row in rows("further_legal_forms"))]
    legal_forms = prepare_default_terms() + [(len(form), form) for form in own]
    legal_forms.sort(key=lambda form: (-form[0], form[1]))
    by_last_word: dict[str, list[int]] = {}
    for place, (_, tokens) in enumerate(legal_forms):
        if tokens:
            by_last_word.setdefault(tokens[-1], []).append(place)
    return legal_forms, by_last_word
