"""What speaks for two contacts being one person, and what against it."""

from rapidfuzz.distance import OSA

from webapp.domain.matching.frequencies import Term, last_word
from webapp.domain.matching.likeness.company_names import compare_company_names
from webapp.domain.matching.likeness.person_names import Likeness, compare_names
from webapp.domain.matching.likeness.places import (
    PlaceLikeness,
    compare_areas,
    compare_places,
    is_far,
    is_one_street,
)
from webapp.domain.matching.mailboxes import email_evidence, is_shared_mailbox, mail_domains
from webapp.domain.matching.traits import Traits

_GOOD = frozenset({"same", "alike", "near"})
_SURE = frozenset({"same", "alike"})
_PLACES: dict[PlaceLikeness, str] = {
    "same": "same_address",
    "near": "near_address",
    "part": "same_place",
    "other": "other_place",
}
_SHORTEST_PHONE = 7
_BIRTHDAY_DIGITS = 8


def contact_evidence(a: Traits, b: Traits) -> tuple[str, ...]:
    """The names of all that two contacts have in common or hold against each other."""
    first, last = compare_names((a.first, a.last), (b.first, b.last))
    birthday = _birthday(a.birthday, b.birthday)
    return tuple(
        name
        for name in (
            _same_email(a.emails & b.emails),
            _name_of_one_birthday(first, last) if birthday == "same_birthday" else _name(first, last),
            _generation(a.generation, b.generation),
            birthday,
            phone_evidence(a, b),
            _company(a, b),
            _place(a, b),
            email_evidence(a, b, first, last),
        )
        if name
    )


def contact_terms(a: Traits, b: Traits) -> dict[str, tuple[Term, ...]]:
    """By sign, the values that two contacts share, or that each of them has."""
    names = tuple(("contacts.name", key) for key in (a.name_key, b.name_key) if key)
    street = (("contacts.street", a.street_key),) if a.street_key else ()
    return {
        "same_email": tuple(("contacts.email", one) for one in a.emails & b.emails),
        "same_name": names,
        "alike_name": names,
        # Misspelt names are rare; how many share the last name says how many might have been meant.
        "near_name": (*names, *(("contacts.last_name", last_word(key)) for _, key in names)),
        "same_phone": tuple(("contacts.phone", one) for one in a.phones & b.phones),
        "same_address": street,
        "near_address": street,
    }


def _same_email(common: frozenset[str]) -> str | None:
    """What a common address says: little where several people read it."""
    if not common:
        return None
    return "same_role_email" if all(map(is_shared_mailbox, common)) else "same_email"


def _generation(a: str | None, b: str | None) -> str | None:
    """Whether father and son may be meant: where one of them alone is called junior, too."""
    if a == b:
        return None
    return "other_generation" if a and b else "one_generation"


def _name(first: Likeness, last: Likeness) -> str:  # noqa: PLR0911 - cases, in their order
    if first == "missing" and last == "missing":
        return "no_name"
    if first in _GOOD and last in _GOOD:
        slips = (first, last).count("near")
        if slips:
            return "near_name" if slips == 1 else "rough_name"
        return "same_name" if first == last == "same" else "alike_name"
    if first == "other":
        return "other_first_name"
    if last in ("other", "unsure"):
        return "unlike_last_name" if last == "unsure" and first in _GOOD else "other_last_name"
    if first == "unsure":
        return "unlike_first_name"
    return "half_name" if "missing" in (first, last) else "initial_name"


def _name_of_one_birthday(first: Likeness, last: Likeness) -> str:
    """What half a name says of two who have one birthday: they are one who has married, or twins."""
    name = _name(first, last)
    if name == "other_last_name" and first in _GOOD:
        return "married_name"
    return "twin_name" if name == "other_first_name" and last in _GOOD else name


def _birthday(a: str, b: str) -> str | None:
    if not a or not b:
        return None
    if a == b:
        return "same_birthday" if len(a) == _BIRTHDAY_DIGITS else "near_birthday"
    is_swapped = a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]
    is_near = min(len(a), len(b)) >= _BIRTHDAY_DIGITS - 1 and (is_swapped or OSA.distance(a, b) <= 1)
    return "near_birthday" if is_near else "other_birthday"


def phone_evidence(a: Traits, b: Traits) -> str | None:
    """What two records' phone numbers say."""
    one, other = a.phones, b.phones
    if one & other or one & b.counted_phones or a.counted_phones & other:
        return "same_phone"
    if not one or not other:
        return None
    return "near_phone" if any(_is_near_phone(each, far) for each in one for far in other) else "other_phone"


def _is_near_phone(a: str, b: str) -> bool:
    """A digit mistyped, or no area code. The last digits distinguish the phones of a firm."""
    short, long = sorted((a, b), key=len)
    if len(short) < _SHORTEST_PHONE:
        return False
    return long.endswith(short) or (a[-2:] == b[-2:] and OSA.distance(a, b, score_cutoff=1) <= 1)


def _company(a: Traits, b: Traits) -> str | None:
    if a.company is not None and b.company is not None:
        return "same_company" if a.company == b.company else "other_company"
    if a.employer and b.employer:
        is_same = compare_company_names(a.employer, b.employer) in ("same", "near")
        return "same_company" if is_same else "other_company"
    return "same_mail_domain" if not a.emails & b.emails and mail_domains(a) & mail_domains(b) else None


def _place(a: Traits, b: Traits) -> str | None:
    likeness = compare_places(a.place, b.place)
    if likeness == "near" and compare_areas(a.place, b.place) == "other" and is_far(a.place, b.place):
        return "same_street"
    if likeness == "part":
        if is_one_street(a.place, b.place):
            return "same_street"
        if a.place.postcode != b.place.postcode and (is_far(a.place, b.place) or not _has_codes(a, b)):
            return "same_city"
    return _PLACES.get(likeness)


def _has_codes(a: Traits, b: Traits) -> bool:
    return bool(a.place.postcode and b.place.postcode)
