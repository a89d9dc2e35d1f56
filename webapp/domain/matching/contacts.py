"""The evidence for and against two contacts being the same person."""

from collections.abc import Callable, Iterable

from rapidfuzz.distance import OSA

from webapp.domain.matching.frequencies import Term, is_frequent_first_name, last_word
from webapp.domain.matching.likeness.birthdays import birthday_evidence
from webapp.domain.matching.likeness.company_names import compare_company_names
from webapp.domain.matching.likeness.homes import home_evidence
from webapp.domain.matching.likeness.last_names import are_roughly_one
from webapp.domain.matching.likeness.places import compare_areas
from webapp.domain.matching.likeness.slips import Likeness
from webapp.domain.matching.likeness.whole_names import (
    GOOD,
    SURE,
    compare_whole,
    name_among_unlisted,
    name_at_home,
    name_beside,
    written_in_full,
)
from webapp.domain.matching.mailboxes import (
    are_of_their_own,
    email_evidence,
    is_nobodys,
    is_shared_mailbox,
    mail_domains,
)
from webapp.domain.matching.traits import Names, Traits

_ONE_HOME = frozenset({"same_address", "near_address"})
# What namesakes may have in common, and says more than a town.
_OF_TWO = frozenset({"same_area", "same_place", "same_street", "street_alone", "same_house", "rough_address"})
_SHORTEST_PHONE = 7


def contact_evidence(a: Traits, b: Traits) -> tuple[str, ...]:
    """The names of all that two contacts have in common or hold against each other."""
    first, last = _compared(a, b)
    birthday = birthday_evidence(a.birthday, b.birthday)
    name = name_among_unlisted(name_beside(birthday, first, last), *_in_full(a, b))
    place = home_evidence(a.place, b.place)
    phone = phone_evidence(a, b)
    if name == "other_first_name" and birthday == "same_birthday" and place in _ONE_HOME:
        # But for twins hardly any two of one home are born on one day, however they are called.
        name = "twin_name"
    if name == "twin_name" and are_of_their_own(a, b):
        name = "other_first_name"
    if first in GOOD and place in _ONE_HOME and not _are_colleagues(a, b):
        name = name_at_home(name, place, first, last, are_rough=are_roughly_one(a.last, b.last))
        if name == "half_name" and last == "missing" and first in SURE and not _is_frequent(a, b):
            name = "first_name_at_home"
    elif name == "other_last_name" and phone == "same_phone" and first in SURE and not _are_colleagues(a, b):
        name = "changed_last_name"
    company = _company(a, b)
    if phone == "other_phone" and company is None and birthday is None and _may_be_two(a, b, place):
        phone = "own_phone"
    found = (
        _same_email(a.emails & b.emails),
        name,
        _generation(a.generation, b.generation),
        birthday,
        phone,
        company,
        place,
        email_evidence(a, b, first, last),
    )
    return tuple(filter(None, found))


def _may_be_two(a: Traits, b: Traits, place: str | None) -> bool:
    """Whether two addresses have less in common than a house and its town."""
    return place in _OF_TWO or (place == "near_address" and compare_areas(a.place, b.place) == "other")


def _is_frequent(a: Names | Traits, b: Names | Traits) -> bool:
    """Whether one of two first names is so frequent that neighbours may share it, or names hardly anybody."""
    return any(map(is_frequent_first_name, (a.first, b.first)))


def strangers_by_name(a: Names, b: Names) -> str | None:
    """The evidence of names where nothing but an e-mail address could make two contacts one person."""
    first, last = _compared(a, b)
    birthday = birthday_evidence(a.birthday, b.birthday)
    if birthday == "same_birthday":
        return None
    name = name_beside(birthday, first, last)
    if name == "other_first_name" or (name == "other_last_name" and first not in GOOD):
        return name
    return None


def _compared(a: Names | Traits, b: Names | Traits) -> tuple[Likeness, Likeness]:
    one, other = _in_full(a, b)
    first, last = compare_whole(one, other, is_one_unread=a.is_unread != b.is_unread)
    is_as_written = one == (a.first, a.last) and other == (b.first, b.last)
    return first if is_as_written or first != "same" else "alike", last


def _in_full(a: Names | Traits, b: Names | Traits) -> tuple[tuple[str, str], tuple[str, str]]:
    """First and last name of both, without words that are cut on one side alone."""
    one, other = (a.first, a.last), (b.first, b.last)
    return written_in_full(one, a.cut, other), written_in_full(other, b.cut, one)


def contact_terms(a: Traits, b: Traits, names: Iterable[str]) -> dict[str, tuple[Term, ...]]:
    """By sign, the values that two contacts share, or that each of them has."""
    terms = {name: _TERMS[name](a, b) for name in names if name in _TERMS}
    if not _ONE_HOME.isdisjoint(names):
        # Who lives at one address has one last name, however many bear it elsewhere.
        terms |= {name: _names(a, b) for name in ("near_name", "near_unlisted_name") if name in terms}
    return terms


def _emails(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("contacts.email", one) for one in a.emails & b.emails)


def _names(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("contacts.name", key) for key in (a.name_key, b.name_key) if key)


def _names_and_last_names(a: Traits, b: Traits) -> tuple[Term, ...]:
    """A misspelt name is rare in itself, so its last name says how many people it may stand for."""
    names = _names(a, b)
    return (*names, *(("contacts.last_name", last_word(key)) for _, key in names))


def _first_names(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("contacts.first_name", one.first.partition(" ")[0]) for one in (a, b))


def _phones(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("contacts.phone", one) for one in a.phones & b.phones)


def _streets(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("contacts.street", key) for key in (a.street_key, b.street_key) if key)


_TERMS: dict[str, Callable[[Traits, Traits], tuple[Term, ...]]] = {
    "same_email": _emails,
    "same_name": _names,
    "alike_name": _names,
    "near_name": _names_and_last_names,
    "last_name_at_home": _names,
    "near_unlisted_name": _names_and_last_names,
    "changed_last_name": _first_names,
    "same_phone": _phones,
    "same_house": _streets,
    "same_address": _streets,
    "near_address": _streets,
}


def _same_email(common: frozenset[str]) -> str | None:
    """The evidence of a common e-mail address: little where several people read it."""
    if not common:
        return None
    if all(map(is_nobodys, common)):
        return "nobodys_email"
    return "same_role_email" if all(map(is_shared_mailbox, common)) else "same_email"


def _generation(a: str | None, b: str | None) -> str | None:
    """Whether two records may be father and son, even if only one of them is called junior."""
    if a == b:
        return None
    return "other_generation" if a and b else "one_generation"


def phone_evidence(a: Traits, b: Traits) -> str | None:
    """The evidence of two records' phone numbers."""
    one, other = a.phones, b.phones
    if one & other or one & b.counted_phones or a.counted_phones & other:
        return "same_phone"
    if not one or not other:
        return None
    found = {_compare_phones(each, far) for each in one for far in other}
    return next(name for name in ("near_phone", "close_phone", "other_phone") if name in found)


def _compare_phones(a: str, b: str) -> str:
    """Whether a digit is mistyped or the area code missing; last digits tell phones of a company apart."""
    short, long = sorted((a, b), key=len)
    if len(short) < _SHORTEST_PHONE:
        return "other_phone"
    if long.endswith(short):
        return "near_phone"
    if OSA.distance(a, b, score_cutoff=1) > 1:
        return "other_phone"
    return "near_phone" if a[-2:] == b[-2:] else "close_phone"


def _company(a: Traits, b: Traits) -> str | None:
    if a.company is not None and b.company is not None:
        return "same_company" if a.company == b.company else "other_company"
    if a.employer and b.employer:
        is_same = compare_company_names(a.employer, b.employer) in ("same", "near")
        return "same_company" if is_same else "other_company"
    return "same_mail_domain" if not a.emails & b.emails and mail_domains(a) & mail_domains(b) else None


def _are_colleagues(a: Traits, b: Traits) -> bool:
    """Whether two people may be colleagues: these may share a first name, relatives rarely do."""
    return bool((a.company or a.employer) and (b.company or b.employer)) or bool(
        mail_domains(a) | mail_domains(b)
    )
