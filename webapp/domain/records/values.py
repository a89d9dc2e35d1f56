"""A field's value, and what counts as blank."""

import re

Value = str | int | float | None


_SURROGATE = re.compile("[\ud800-\udfff]")


def writable(raw: str) -> str:
    """A text that both databases can hold.

    NUL is removed; half a surrogate pair, which no encoding can write, becomes the replacement character.
    """
    if "\0" in raw:
        raw = raw.replace("\0", "")
    return raw if raw.isascii() else _SURROGATE.sub("\ufffd", raw)


def clean(raw: str | None) -> str | None:
    """A text that both databases can hold, without white space around it; None when nothing is left."""
    return (writable(raw).strip() or None) if raw else None


def is_blank(value: object) -> bool:
    """Null, empty, or only white space. Zero and false are data."""
    return value is None or (isinstance(value, str) and not value.strip())


Change = tuple[str, Value, Value]
"""A field with its old and its new value."""
