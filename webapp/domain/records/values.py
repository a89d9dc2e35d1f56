"""A field's value: its stored text, blank values, and the equality of two values."""

import re
import unicodedata

Value = str | int | float | None


_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROLS = "\0-\x1f\x7f-\x9f"
_SPACES = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u2800"
# They choose the look of the character before them, so that behind a symbol they are part of it.
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef"
_BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Unicode's default ignorable characters, and the marks of interlinear annotations.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_ASCII_INVISIBLE = "".join(map(chr, (*range(33), 127)))
_IS_INVISIBLE = re.compile(f"[{_CONTROLS}{_SPACES}{_IGNORABLE}]").match
_HAS_HIDDEN = re.compile(f"[{_CONTROLS}{_SPACES[1:]}{_IGNORABLE}]").search
_IS_SELECTOR = re.compile(f"[{_SELECTORS}]").match
_IGNORED = re.compile(f"[{_IGNORABLE}]+")
_TURNING = re.compile(f"[{_BIDIRECTIONAL}]+")


def writable(raw: str) -> str:
    """A text that both databases can hold.

    NUL is removed; half a surrogate pair, which no encoding can write, becomes the replacement character.
    """
    if "\0" in raw:
        raw = raw.replace("\0", "")
    return raw if raw.isascii() else _SURROGATE.sub("\ufffd", raw)


def trimmed(text: str) -> str:
    """A text without invisible characters at its ends, and without marks that change the writing direction.

    Invisible are white space, control and format characters. Joiners between letters stay, and so does what
    chooses the look of the symbol before it.
    """
    if text.isascii():
        return text.strip(_ASCII_INVISIBLE)
    if _HAS_HIDDEN(text) is None:
        return _without_lone_marks(text.strip(" "))
    text = unturned(text)
    start, end = 0, len(text)
    while start < end and _IS_INVISIBLE(text, start):
        start += 1
    while end > start and _IS_INVISIBLE(text, end - 1):
        end -= 1
    if end > start and not text[end - 1].isascii():
        while end < len(text) and _IS_SELECTOR(text, end):
            end += 1
    return _without_lone_marks(text[start:end])


def _without_lone_marks(text: str) -> str:
    """Nothing where a text is made of accents alone, without a letter that they could stand on."""
    if text and unicodedata.category(text[0])[0] == "M":
        return "" if all(unicodedata.category(one)[0] == "M" or _IS_INVISIBLE(one) for one in text) else text
    return text


def written(raw: str) -> tuple[str, str]:
    """A text as both databases can hold it, and the same trimmed."""
    # Of most texts everything is seen but their blanks, and there is nothing else to look for.
    if raw.isascii() and raw.isprintable():
        return raw, raw.strip(" ")
    text = writable(raw)
    return text, trimmed(text)


def unturned(text: str) -> str:
    """A text without marks that turn the direction of writing, by which it reads as another one."""
    return text if text.isascii() else _TURNING.sub("", text)


def clean(raw: str | None) -> str | None:
    """A text that both databases can hold, trimmed; None when nothing is left."""
    if not raw:
        return None
    text = raw.strip(" ") if raw.isascii() and raw.isprintable() else written(raw)[1]
    return text or None


def visible(text: str) -> str:
    """A text as keys are made of it: trimmed, and without what nobody sees within it either."""
    return trimmed(text if text.isascii() or _HAS_HIDDEN(text) is None else _IGNORED.sub("", text))


def is_blank(value: object) -> bool:
    """Null, empty, or nothing that anybody sees. Zero and false are data."""
    if isinstance(value, str):
        # Most texts begin with something that is seen, which is asked of every field of every record.
        return not ("!" <= value[:1] <= "~" or trimmed(value))
    return value is None


def folded(text: str) -> str:
    """A text as it is compared with others: trimmed, with one kind of line end, in one form of Unicode."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return trimmed(text) if text.isascii() else unicodedata.normalize("NFC", trimmed(text))


def same(one: object, other: object) -> bool:
    """Whether two values are equal; all blanks are."""
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str):
        return folded(one) == folded(other)
    return is_blank(one) and is_blank(other)


Change = tuple[str, Value, Value]
"""A field with its old and its new value."""
