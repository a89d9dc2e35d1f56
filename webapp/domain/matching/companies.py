"""The evidence for and against two companies being the same."""

from collections.abc import Callable, Iterable

from webapp.domain.matching.contacts import phone_evidence
from webapp.domain.matching.frequencies import Term
from webapp.domain.matching.likeness.company_names import NameLikeness, compare_company_names
from webapp.domain.matching.likeness.ordinary_names import is_ordinary_name
from webapp.domain.matching.likeness.places import (
    compare_areas,
    compare_streets,
    is_common_street,
    is_far,
    is_one_city,
    is_one_postcode,
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
_ONE_PHONE = frozenset({"same_phone", "near_phone"})
_ONE_SITE = _ONE_PHONE | {"same_address", "near_address"}
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
    if not has_domain and phone not in _ONE_PHONE:
        places = _among_namesakes(a, b, places) if likeness == "same" else places
        if phone == "other_phone" and _may_be_two(a.place, b.place, places):
            phone = "own_phone"
    names = [
        "same_domain" if has_domain else None,
        None if has_domain and likeness == "missing" else _NAMES[likeness],
        *places,
        phone,
        None if has_domain else _domain(a, b),
        _site(likeness, {phone, *places}) if has_domain else None,
    ]
    return tuple(name for name in names if name)


def _among_namesakes(a: Traits, b: Traits, places: list[str]) -> list[str]:
    """The evidence of two addresses where the name is that of a trade, which several of a town may have."""
    if not (is_ordinary_name(a.name, a.place.city) and is_ordinary_name(b.name, b.place.city)):
        return places
    if "same_town" in places:
        return ["same_place" if is_one_postcode(a.place, b.place) else "city_alone", *places[1:]]
    is_vague = _is_without_town(a.place, b.place, places) and is_common_street(a.place, b.place)
    return ["common_street"] if is_vague or _is_without_house(a.place, b.place, places) else places


def _is_without_house(a: Place, b: Place, places: list[str]) -> bool:
    """Whether two addresses have a street and a town in common, and neither house nor postcode."""
    return places == ["same_address"] and not (a.number and b.number) and not is_one_postcode(a, b)


def _may_be_two(a: Place, b: Place, places: list[str]) -> bool:
    """Whether two addresses have no more in common than the town, or a street and number without it."""
    return places == ["same_town"] or _is_without_town(a, b, places)


def _is_without_town(a: Place, b: Place, places: list[str]) -> bool:
    return places == ["near_address"] and compare_areas(a, b) in ("other", "missing")


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


def _streets(a: Traits, b: Traits) -> tuple[Term, ...]:
    return tuple(("companies.street", key) for key in (a.street_key, b.street_key) if key)


_TERMS: dict[str, Callable[[Traits, Traits], tuple[Term, ...]]] = {
    "same_name": _names,
    "near_company_name": _names,
    "same_phone": _phones,
    "same_domain": _domains,
    "same_address": _streets,
    "near_address": _streets,
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


def _places(a: Place, b: Place) -> list[str]:
    """The evidence of two addresses. Chains have many branches in one town: there the street decides."""
    street, area = compare_streets(a, b), compare_areas(a, b)
    if area == "missing":
        return ["near_address"] if street == "same" and a.number else []
    if area == "other":
        # Villages have several names, and suburbs their own.
        is_one_house = street == "same" and a.number and not is_far(a, b)
        return ["near_address" if is_one_house else "other_town"]
    if street == "same" and _is_found(a, b):
        return ["same_address"]
    if area == "near":
        return []
    return ["same_town", "other_street"] if street == "other" else ["same_town"]


def _is_found(a: Place, b: Place) -> bool:
    """Whether one street of one town is one place: a large town has several of a common name."""
    if is_one_postcode(a, b):
        return True
    has_numbers = bool(a.number and b.number)
    if is_common_street(a, b):
        return has_numbers and not is_far(a, b)
    return has_numbers or not is_far(a, b)
