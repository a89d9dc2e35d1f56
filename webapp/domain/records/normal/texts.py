"""Texts in the form in which they are compared: case, accents, punctuation and scripts folded."""

import re
import unicodedata
from functools import lru_cache

from text_unidecode import unidecode

from webapp.domain.records.normal.word_lists import rows
from webapp.domain.records.values import visible

LONGEST_KEY = 300
"""The characters that a key holds at most."""

# Vowels of the scripts from India to Cambodia are marks and no letters, and belong to their words.
_NOT_WORD = re.compile(r"[^\w\u0900-\u109f\u1780-\u17ff]+")
# Letters that do not come apart into a letter and an accent; and vowels written out for want of an accent.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "ß": "ss",
        # The soft sign is not heard; the hard one is a vowel in Bulgaria.
        "ь": "",
        "ъ": "a",
        "ґ": "g",
        # Serbian, as it is written in Latin letters.
        "\u0452": "d",
        "\u045b": "c",
        "\u045f": "dz",
        # Letters of Arabic, Persian and Hebrew that would be left out, though they distinguish names.
        "\u0622": "a",
        "\u0623": "a",
        "\u0625": "i",
        "\u0627": "a",
        "\u0649": "a",
        "\u05d0": "a",
        "\u05e2": "a",
        # Greek as it is read today, not as it was in antiquity.
        "β": "v",
        "η": "i",
        "ή": "i",
    }
)
# Two letters in Armenian.
_ARMENIAN_U = "\u0578\u0582"
# Pairs of Greek letters that are read as one, or otherwise than each; with a dieresis they are two.
_GREEK_ACCENTS = str.maketrans("άέήίόύώΐΰ", "αεηιουωϊϋ")
_GREEK_PAIRS = tuple((re.compile(pattern), sound) for pattern, sound in rows("greek_pairs"))
# The accents of Latin letters; those of other scripts are looked for one by one.
_ACCENT = re.compile("[\u0300-\u036f]+")
_GREEK = re.compile("[\u03b1-\u03c9]")
# A letter that a program could not write: M?ller.
_LOST = re.compile("(?<=[^\\W\\d_])[?\ufffd]+(?=[^\\W\\d_])")
_WRITTEN_OUT = re.compile(r"(?<=[aou])e")


@lru_cache(maxsize=4096)  # names repeat: first names above all, and a contact's twice over
def text_key(text: str | None) -> str:
    """Words without case, accents and punctuation, joined by one blank."""
    return _folded(text) if text else ""


def _folded(text: str) -> str:
    folded = text.lower() if text.isascii() else _without_accents(text)
    if "?" in folded or "\ufffd" in folded:
        folded = _LOST.sub("", folded)
    return _NOT_WORD.sub(" ", folded.replace("_", " ")).strip()[:LONGEST_KEY]


def _without_accents(text: str) -> str:
    folded = _ACCENT.sub("", unicodedata.normalize("NFKD", visible(text)).casefold())
    if folded.isascii():
        return folded
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text as it is compared: as `text_key`, however ä, ö, ü, ø, ł and other scripts are written."""
    return plain_once(text)


def plain_beside(text: str | None, key: str) -> str:
    """`plain` of a text whose `text_key` is known."""
    return plain(text) if text and not text.isascii() else _written_short(key)


def plain_once(text: str) -> str:
    """`plain` without a cache, for texts that hardly repeat, such as whole streets."""
    if text.isascii():
        return _written_short(_folded(text))
    small = unicodedata.normalize("NFC", text).lower().replace(_ARMENIAN_U, "u")
    folded = _folded((_greek(small) if _GREEK.search(small) else small).translate(_LETTERS))
    if not folded.isascii():
        folded = _folded(unidecode(folded))
    return _written_short(folded)


def _greek(text: str) -> str:
    """A text with Greek letters whose pairs are written as they are read."""
    text = text.translate(_GREEK_ACCENTS)
    for pattern, sound in _GREEK_PAIRS:
        text = pattern.sub(sound, text)
    return text


def _written_short(text: str) -> str:
    """A text with the vowels that were written out for want of an accent in their short form."""
    return _WRITTEN_OUT.sub("", text) if "ae" in text or "oe" in text or "ue" in text else text
