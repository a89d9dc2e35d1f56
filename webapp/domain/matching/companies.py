"""What speaks for two companies being one, and what against it."""

from webapp.domain.matching.company_names import NameLikeness, compare_company_names
from webapp.domain.matching.contacts import phone_evidence
from webapp.domain.matching.places import Place, compare_areas, compare_streets
from webapp.domain.matching.traits import Traits, stems

_NAMES: dict[NameLikeness, str] = {
    "same": "same_name",
    "near": "near_company_name",
    "part": "part_of_name",
    "division": "other_branch",
    "branch": "other_branch",
    "missing": "no_name",
    "other": "other_company_name",
}
_OF_ONE_DOMAIN: dict[NameLikeness, NameLikeness] = {"other": "missing", "division": "part"}
_AGAINST = frozenset({"other_phone", "other_town"})


def company_evidence(a: Traits, b: Traits) -> tuple[str, ...]:
    """The names of all that two companies have in common or hold against each other."""
    cities = frozenset(city for city in (a.place.city, b.place.city) if city)
    likeness = compare_company_names(a.name, b.name, cities)
    has_domain = bool(a.domains & b.domains)
    if has_domain:
        # A firm may call itself anything; its domain is its own.
        likeness = _OF_ONE_DOMAIN.get(likeness, likeness)
    phone, places = phone_evidence(a.phones, b.phones), _places(a.place, b.place)
    names = [
        "same_domain" if has_domain else None,
        None if has_domain and likeness == "missing" else _NAMES[likeness],
        *places,
        phone,
        None if has_domain else _domain(a, b),
    ]
    if has_domain and {phone, *places} >= _AGAINST and likeness not in ("same", "near"):
        names.append("everything_else_other")
    return tuple(name for name in names if name)


def _domain(a: Traits, b: Traits) -> str | None:
    if not a.domains or not b.domains:
        return None
    return "near_domain" if stems(a.domains) & stems(b.domains) else "other_domain"


def _places(a: Place, b: Place) -> list[str | None]:
    """What two addresses say. Chains have many branches in one town: there the street decides."""
    street, area = compare_streets(a, b), compare_areas(a, b)
    if area == "missing":
        return []
    if area == "other":
        return ["other_town"]
    if street == "same":
        return ["same_address"]
    if area == "near":
        return []
    return ["same_town", "other_street" if street == "other" else None]
