"""The evidence of two people's addresses."""

from webapp.domain.matching.likeness.places import (
    PlaceLikeness,
    are_near_codes,
    compare_areas,
    compare_streets,
    is_common_street,
    is_elsewhere,
    is_far,
    is_one_postcode,
    is_one_street,
    is_rough_street,
)
from webapp.domain.records.normal.addresses import Place


def home_evidence(a: Place, b: Place) -> str | None:  # noqa: PLR0911 - cases, in their order
    """The evidence of two addresses; street, postcode and city may have a slip or be missing."""
    street, area = compare_streets(a, b), compare_areas(a, b)
    if area == "missing":
        return _house(a, b) if street == "same" and a.number else None
    is_near = area in ("same", "near") or are_near_codes(a, b)
    if street in ("same", "near") and not (a.number and b.number) and not is_one_postcode(a, b):
        return _unnumbered(a, b, area) if is_near else "other_place"
    if street == "same":
        return _same_house(a, b, area)
    if _is_vague(a, b, area) and _are_of_one_street(a, b, street):
        return "street_alone" if are_near_codes(a, b) else "common_street"
    if street == "near" and is_near:
        return "near_address" if area == "same" else "rough_address"
    if area != "other" and is_rough_street(a, b):
        return "rough_address"
    if _is_one_town(a, b, area) and is_one_street(a, b):
        return _other_house(a, b, area)
    return _area(a, b, area) if is_near else "other_place"


def _house(a: Place, b: Place) -> str:
    """The evidence of one street and number whose area cannot be compared, or is called otherwise."""
    return "common_street" if is_common_street(a, b) else "same_house"


def _same_house(a: Place, b: Place, area: PlaceLikeness) -> str:
    """The evidence of one street and number, in what may be one town.

    A large town may have several streets of a common name, each with its postcode.
    """
    if is_elsewhere(a, b) or ((area == "other" or is_far(a, b)) and is_common_street(a, b)):
        return "common_street"
    if area != "same" and is_far(a, b):
        return _house(a, b)
    return "same_address" if area == "same" else "near_address"


def _are_of_one_street(a: Place, b: Place, street: PlaceLikeness) -> bool:
    return street == "near" or is_rough_street(a, b) or is_one_street(a, b)


def _is_vague(a: Place, b: Place, area: PlaceLikeness) -> bool:
    """Whether two house numbers differ in a street of which a large town may have several."""
    is_other_house = a.number != b.number and not is_one_postcode(a, b)
    return is_other_house and is_common_street(a, b) and _is_one_town(a, b, area)


def _other_house(a: Place, b: Place, area: PlaceLikeness) -> str:
    """The evidence of one street of one town with two house numbers, or of two kinds of street with one."""
    if is_far(a, b) or area == "near":
        return "common_street"
    return "same_street" if a.number == b.number or is_one_postcode(a, b) else "street_alone"


def _is_one_town(a: Place, b: Place, area: PlaceLikeness) -> bool:
    """Whether two areas are one, or have almost the same postcode and no cities to compare."""
    return area == "same" or (area == "near" and not (a.city and b.city))


def _unnumbered(a: Place, b: Place, area: PlaceLikeness) -> str:
    """The evidence of a street whose house is not known, and of which only the town says where it is."""
    if is_far(a, b) or is_common_street(a, b):
        return "same_city" if area == "other" else "common_street"
    return "street_alone"


def _area(a: Place, b: Place, area: PlaceLikeness) -> str:
    """The evidence of a shared postcode or city; different streets count against it.

    A city alone, unless both have its postcode, says less: thousands of namesakes share a large one. And two
    postcodes that are a digit apart are sooner those of two quarters than one with a slip.
    """
    has_streets = bool(a.street and b.street)
    if is_one_postcode(a, b):
        return "same_place" if has_streets else "same_area"
    return "same_city" if is_far(a, b) or has_streets or area == "other" else "city_alone"
