"""Whole numbers in texts from outside, of any length: Python refuses to read more than 4,300 digits."""

_LARGEST_COUNT = 2**63 - 1


def whole_number(text: str | None, largest: int) -> int | None:
    """The number that a text's digits stand for; None where it is none, or larger than `largest`.

    Args:
        text: Digits of any length, of ASCII alone.
        largest: The largest number that is of use.
    """
    if text is None or not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(largest)):
        return None
    number = int(digits)
    return number if number <= largest else None


def count_in(kept: str | bytes | None) -> int:
    """The count that stands where others can write as well; 0 for whatever is no count."""
    text = kept.decode("ascii", "replace") if isinstance(kept, bytes) else kept
    return whole_number(text, _LARGEST_COUNT) or 0
