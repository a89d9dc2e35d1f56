"""The word lists of `data/`: read once, when the module that compares by them is imported.

In a list, words stand between blanks or on lines of their own, and a line that begins with # is a comment.
"""

from pathlib import Path

_FOLDER = Path(__file__).parent / "data"


def rows(name: str) -> list[list[str]]:
    """The words of each line of a list."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


def words(name: str) -> frozenset[str]:
    """All words of a list."""
    return frozenset(word for row in rows(name) for word in row)


def word_forms(name: str) -> dict[str, str]:
    """By word, the form that it is compared in; the list says `word=form`."""
    return dict(pair.split("=") for row in rows(name) for pair in row)
