"""Likeness of two dates of birth."""

from rapidfuzz.distance import OSA

_DIGITS = 8
# Of many people the year alone is known, and of some not even that.
_NEW_YEAR = "0101"


def birthday_evidence(a: str, b: str) -> str | None:
    """The evidence of the digits of two dates of birth: year, month and day, as far as they were given."""
    if not a or not b:
        return None
    if a == b and a[4:] == _NEW_YEAR:
        return "first_of_january"
    if a == b:
        return "same_birthday" if len(a) == _DIGITS else "near_birthday"
    if _is_near(a, b):
        return "near_birthday"
    return "rough_birthday" if _is_rough(a, b) else "other_birthday"


def _is_near(a: str, b: str) -> bool:
    """Whether a digit is mistyped, day and month are exchanged, or one of year, month and day is another."""
    if min(len(a), len(b)) < _DIGITS - 1:
        return False
    if OSA.distance(a, b, score_cutoff=1) <= 1:
        return True
    (year, month, day), (other_year, other_month, other_day) = _parts(a), _parts(b)
    if year == other_year and month == other_day and day == other_month:
        return True
    return (year == other_year) + (month == other_month) + (day == other_day) == 2  # noqa: PLR2004 - of three


def _is_rough(a: str, b: str) -> bool:
    """Whether two digits are mistyped, or one beside an exchange of day and month."""
    if min(len(a), len(b)) < _DIGITS:
        return False
    year, month, day = _parts(b)
    return (
        OSA.distance(a, b, score_cutoff=2) <= 2  # noqa: PLR2004 - slips
        or OSA.distance(a, f"{year}{day}{month}", score_cutoff=1) <= 1
    )


def _parts(digits: str) -> tuple[str, str, str]:
    return digits[:4], digits[4:6], digits[6:]
