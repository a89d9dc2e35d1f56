"""The keys by which records are found: what is compared instead of what people typed.

Every function returns None when nothing usable is left, so that a key never matches "nothing" with "nothing".
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from cleanco.clean import custom_basename, normalized, prepare_default_terms, strip_punct, strip_tail
from tldextract import TLDExtract

from webapp.domain.records.values import visible

_LONGEST_KEY = 300
# Numbers are compared by their national part: here with a country code, there without.
_PHONE_DIGITS = 9
_FEWEST_PHONE_DIGITS = 6
_LONGEST_HOST = 253
_LONGEST_PLACE = 50
# Endings that no registry gives out, but networks and examples use; a name below them is as good as any.
_RESERVED = (
    *("example", "invalid", "localhost", "test", "local", "onion", "internal", "home.arpa"),
    *("intranet", "private", "corp", "home", "lan"),
)
# What stands for the dot in names of other scripts.
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_NOT_WORD = re.compile(r"[\W_]+")
_NOT_DIGIT = re.compile(r"\D+")
_MARK = r"(?:#|x|ext\.?|extension|dw|durchwahl|poste)"
_EXTENSION = re.compile(rf"(?<=\d)\s*(?:[,;]\s*{_MARK}?|{_MARK})\s*\d{{1,5}}\s*$", re.IGNORECASE)
# What every extension begins with; looking for it first is quicker than trying each place of a number.
_BEFORE_EXTENSION = re.compile(r"[,;#a-z]", re.IGNORECASE)
# Letters that do not come apart into a letter and an accent; and vowels written out for want of an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_WRITTEN_OUT = re.compile(r"(?<=[aou])e")


def email_key(email: str | None) -> str | None:
    """An address in lower case."""
    return visible(email).lower()[:254] or None if email else None


def phone_key(phone: str | None) -> str | None:
    """The last nine digits of a number without its extension; shorter than six says nothing."""
    if not phone:
        return None
    number = _EXTENSION.sub("", phone) if _BEFORE_EXTENSION.search(phone) else phone
    digits = _NOT_DIGIT.sub("", number)
    return digits[-_PHONE_DIGITS:] if len(digits) >= _FEWEST_PHONE_DIGITS else None


@lru_cache(maxsize=4096)  # names repeat: first names above all, and a contact's twice over
def text_key(text: str | None) -> str:
    """Words without case, accents and punctuation, joined by one blank."""
    if not text:
        return ""
    if text.isascii():
        folded = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", visible(text)).casefold()
        folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", folded).strip()[:_LONGEST_KEY]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text as it is compared with others: as `text_key`, however ä, ö, ü, ø, ł were written."""
    return _WRITTEN_OUT.sub("", text_key(text.lower().translate(_LETTERS)))


def initials_key(first_name: str | None, last_name: str | None) -> str | None:
    """The first letters of a person's two names in alphabetical order; half a name has none.

    Accents, typing errors and names in the wrong order mostly keep them.
    """
    first, last = plain(first_name or ""), plain(last_name or "")
    if not first or not last:
        return None
    return "".join(sorted((first[0], last[0])))


def place_key(place: str | None, letters: str | None) -> str | None:
    """A postcode or city, with letters that the words of the name begin with."""
    where = text_key(place).replace(" ", "")
    return f"{where[:_LONGEST_PLACE]}/{letters}" if where and letters else None


def person_key(first_name: str | None, last_name: str | None) -> str | None:
    """A person's name as it is matched; half a name names nobody."""
    first, last = text_key(first_name), text_key(last_name)
    return f"{first} {last}"[:_LONGEST_KEY] if first and last else None


@lru_cache(maxsize=4096)
def company_key(name: str | None) -> str | None:
    """A company's name as it is matched: without legal form, case, accents and punctuation."""
    if not name:
        return None
    return text_key(_without_legal_form(visible(name))) or text_key(name) or None


def _without_legal_form(name: str) -> str:
    """Ask the library only about the legal forms whose words occur: it compares with each it is given."""
    tokens = {strip_punct(word) for word in normalized(strip_tail(name)).split()}
    legal_forms, by_last_word = _legal_forms()
    places = sorted({place for word in tokens for place in by_last_word.get(word, ())})
    without: str = custom_basename(name, [legal_forms[place] for place in places])
    return without


@cache
def _legal_forms() -> tuple[list[tuple[int, list[str]]], dict[str, list[int]]]:
    """The library's legal forms in its order, each with its number of words; their places by last word."""
    legal_forms = prepare_default_terms()
    by_last_word: dict[str, list[int]] = {}
    for place, (_, tokens) in enumerate(legal_forms):
        if tokens:
            by_last_word.setdefault(tokens[-1], []).append(place)
    return legal_forms, by_last_word


@lru_cache(maxsize=4096)
def domain_key(text: str | None) -> str | None:
    """The host name of a domain or web address, without `www.`; None when it is none."""
    if not text:
        return None
    host = _host(text)
    if not host or len(host) > _LONGEST_HOST:
        return None
    parts = _extractor()(host)
    return host if parts.domain and parts.suffix else None


@lru_cache(maxsize=4096)
def registered_domain(host: str) -> str:
    """What a host's domain is called before its public ending."""
    return _extractor()(host).domain


def _host(text: str) -> str:
    """The host alone. A path may hold an `@` as well, so it is cut off before whoever logs in there."""
    address = re.sub(r"^[a-z][a-z0-9+.-]*:/+", "", visible(text).lower()).removeprefix("//")
    authority = re.split(r"[/?#\\]", address, maxsplit=1)[0]
    host = re.split(r"[:\s]", authority.rpartition("@")[2], maxsplit=1)[0]
    return _DOTS.sub(".", host).strip(".").removeprefix("www.")


@cache
def _extractor() -> TLDExtract:
    """The public suffix list that comes with the library: no network, no cache on disk."""
    return TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=_RESERVED)


def company_keys(values: Mapping[str, object]) -> dict[str, str | None]:
    """The derived columns of a company with these field values."""
    name = _text(values.get("name"))
    domain = domain_key(_text(values.get("domain")))
    key = company_key(name)
    place = _text(values.get("postcode")) or _text(values.get("city"))
    return {
        "name_key": key,
        "domain_key": domain,
        "phone_key": phone_key(_text(values.get("phone"))),
        "sort_key": text_key(name) or domain or "",
        "place_key": place_key(place, min(word[0] for word in key.split()) if key else None),
    }


def contact_keys(values: Mapping[str, object]) -> dict[str, str | None]:
    """The derived columns of a contact with these field values."""
    first, last = _text(values.get("first_name")), _text(values.get("last_name"))
    email = email_key(_text(values.get("email")))
    initials = initials_key(first, last)
    return {
        "name_key": person_key(first, last),
        "email_key": email,
        "phone_key": phone_key(_text(values.get("phone")) or _text(values.get("mobile"))),
        "sort_key": f"{text_key(last)} {text_key(first)}".strip()[:_LONGEST_KEY] or email or "",
        "initials_key": initials,
        "place_key": place_key(_text(values.get("postcode")), initials),
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
