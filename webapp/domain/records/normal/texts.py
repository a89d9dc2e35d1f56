"""Texts in the form in which they are compared: case, accents, punctuation and scripts folded."""

import re
import unicodedata
from functools import lru_cache

from text_unidecode import unidecode

LONGEST_KEY = 300
"""The characters that a key holds at most."""

_NOT_WORD = re.compile(r"[\W_]+")
# Letters that do not come apart into a letter and an accent; and vowels written out for want of an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ß": "ss"}
)
# What nobody sees: a byte order mark, joiners, a soft hyphen.
_UNSEEN = str.maketrans(dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad")))
_WRITTEN_OUT = re.compile(r"(?<=[aou])e")


@lru_cache(maxsize=4096)  # names repeat: first names above all, and a contact's twice over
def text_key(text: str | None) -> str:
    """Words without case, accents and punctuation, joined by one blank."""
    if not text:
        return ""
    if text.isascii():
        folded = text.lower()
    else:
        decomposed = unicodedata.normalize("NFKD", text).translate(_UNSEEN).casefold()
        folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", folded).strip()[:LONGEST_KEY]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text as it is compared: as `text_key`, however ä, ö, ü, ø, ł and other scripts are written."""
    if text.isascii():
        return _WRITTEN_OUT.sub("", text_key(text))
    folded = text_key(unicodedata.normalize("NFC", text).lower().translate(_LETTERS))
    if not folded.isascii():
        folded = text_key(unidecode(folded))
    return _WRITTEN_OUT.sub("", folded)
