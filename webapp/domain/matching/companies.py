"""The evidence for and against two companies being the same."""

from collections.abc import Callable, Iterable

from webapp.domain.matching.contacts import phone_evidence
from webapp.domain.matching.frequencies import Term
from webapp.domain.matching.likeness.company_names import NameLikeness, compare_company_names
from webapp.domain.matching.likeness.places import (
    compare_areas,
    compare_streets,
    is_common_street,
    is_far,
    is_one_city,
)
from webapp.domain.matching.own_domains import registered, spelt
from webapp.domain.matching.traits import Traits
from webapp.domain.records.normal.addresses import Place
from webapp.domain.records.normal.towns import town_form

_NAMES: dict[NameLikeness, str] = {
    "same": "same_name",
    "near": "near_company_name",
    "part": "part_of_name",
    "division": "other_branch",
    "branch": "other_branch",
    "missing": "no_name",
    "other": "other_company_name",
}
_ONE_NAME = frozenset({"same", "near"})
# With such names nothing makes one company of two that have no domain in common.
_STRANGERS = frozenset({"division", "branch", "other"})
_OTHER_PHONES = frozenset({"other_phone", "close_phone"})
_ONE_SITE = frozenset({"same_phone", "near_phone", "same_address", "near_address"})
_ELSEWHERE = frozenset({"other_town", "other_street"})
_ONE_TOWN = _ONE_SITE | {"same_town"}


def company_evidence(a: Traits, b: Traits, *, in_full: bool = True) -> tuple[str, ...]:
    """The names of all that two companies have in common or hold against each other.

    Args:
        a: One of them.
        b: The other one.
        in_full: Also where the names alone say that they are two.
    """
    cities = frozenset(f"{a.place.city} {b.place.city}".split())
    is_one_town = bool(cities) and is_one_city(a.place, b.place)
    likeness = compare_company_names(
        a.name, b.name, *((frozenset(), cities) if is_one_town else (cities, frozenset()))
    )
    if likeness == "other" and _is_known_as(a, b):
        likeness = "part"
    if likeness in _ONE_NAME and a.bracketed and b.bracketed and _are_two_towns(a.bracketed, b.bracketed):
        likeness = "branch"
    has_domain = bool(a.domains & b.domains)
    if not in_full and not has_domain and likeness in _STRANGERS:
        return (_NAMES[likeness],)
    phone, places = phone_evidence(a, b), _places(a.place, b.place)
    if phone == "other_phone" and places == ["same_town", None] and not has_domain:
        phone = "own_phone"  # Schmidt Electrics: a town has several
    names = [
        "same_domain" if has_domain else None,
        None if has_domain and likeness == "missing" else _NAMES[likeness],
        *places,
        phone,
        None if has_domain else _domain(a, b),
        _site(likeness, {phone, *places}) if has_domain else None,
    ]
    return tuple(name for name in names if name)


def _is_known_as(a: Traits, b: Traits) -> bool:
    """Whether one is called what stands in brackets behind the other's name."""
    pairs = ((a.bracketed, b.name), (a.name, b.bracketed))
    return any(one and other and compare_company_names(one, other) in _ONE_NAME for one, other in pairs)


def _are_two_towns(bracketed: str, other: str) -> bool:
    """Whether what stands in brackets behind two names are two towns, or two of anything."""
    return compare_company_names(town_form(bracketed), town_form(other)) in ("other", "branch")


def company_terms(a: Traits, b: Traits, names: Iterable[str]) -> dict[str, tuple[Term, ...]]:
    """By sign, the values that two companies share, or that each of them has."""
    return {name: _TERMS[name](a, b) for name in names if name in _TERMS}


def _names(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("companies.name", key) for key in (a.name_key, b.name_key) if key)


def _phones(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("companies.phone", one) for one in a.phones & b.phones)


def _domains(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("companies.domain", one) for one in a.domains & b.domains)


def _street(a: Traits, _b: Traits) -> tuple[Term, ...]:
    return (("companies.street", a.street_key),) if a.street_key else ()


_TERMS: dict[str, Callable[[Traits, Traits], tuple[Term, ...]]] = {
    "same_name": _names,
    "near_company_name": _names,
    "same_phone": _phones,
    "same_domain": _domains,
    "same_address": _street,
    "near_address": _street,
}


def _domain(a: Traits, b: Traits) -> str | None:
    """The evidence of two domains: one firm's in another form, one host's, or another firm's."""
    if not a.domains or not b.domains:
        return None
    if set(map(spelt, a.domains)) & set(map(spelt, b.domains)):
        return "near_domain"
    is_one_host = {registered(one) for one in a.domains} & {registered(one) for one in b.domains}
    return None if is_one_host else "other_domain"


def _site(likeness: NameLikeness, names: set[str | None]) -> str | None:
    """The evidence against a common domain: franchises, chains and groups share it."""
    if "other_town" in names and names & _OTHER_PHONES and likeness not in ("same", "near"):
        return "everything_else_other"
    if likeness == "part" and names.isdisjoint(_ONE_TOWN):
        return "domain_alone"
    return None if names.isdisjoint(_ELSEWHERE) or names & _ONE_SITE else "other_site"


def _places(a: Place, b: Place) -> list[str | None]:
    """The evidence of two addresses. Chains have many branches in one town: there the street decides."""
    street, area = compare_streets(a, b), compare_areas(a, b)
    if area == "missing":
        return []
    if area == "other":
        # Villages have several names, and suburbs their own.
        is_one_house = street == "same" and a.number and not is_far(a, b)
        return ["near_address" if is_one_house else "other_town"]
    is_found = bool(a.number and b.number and not is_far(a, b)) or (a.postcode and a.postcode == b.postcode)
    if street == "same" and (is_found or not is_common_street(a)):
        return ["same_address"]
    if area == "near":
        return []
    return ["same_town", "other_street" if street == "other" else None]
