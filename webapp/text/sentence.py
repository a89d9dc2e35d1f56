"""Texts with parameters: `{name}` in a table is filled from the problem that was given."""

from collections.abc import Callable, Iterable, Mapping
from string import Formatter
from typing import Any

import msgspec

from webapp.errors import Problem
from webapp.text.translated import gettext, isolated, number_text


class _Sentence(Formatter):
    """Fills a text; a number marked with `,` is written as its reader writes numbers."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return number_text(value) if format_spec == "," else str(super().format_field(value, format_spec))


def filled(text: str, params: Mapping[str, Any]) -> str:
    """A text with its parameters; several values are listed."""
    return _Sentence().vformat(text, (), {name: _listed(value) for name, value in params.items()})


def one_of(texts: Iterable[str]) -> str:
    """Texts as alternatives: `a, b or c`."""
    *others, last = [*texts] or [""]
    return gettext("%(others)s or %(last)s", others=", ".join(others), last=last) if others else last


def sentence_case(text: str) -> str:
    """A text as a sentence begins: the first letter large, all others as they are."""
    return text[:1].upper() + text[1:]


def problem_text(texts: Mapping[str, str], problem: Problem) -> str:
    """A problem's text in a table; an unknown code stands for itself."""
    text = texts.get(problem.code)
    return problem.code if text is None else filled(text, problem.params)


def stored_problem(text: str) -> Problem | None:
    """The problem that a column holds; None where it holds any other text, which is HubSpot's own."""
    try:
        return msgspec.json.decode(text, type=Problem)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


def kept_text(text: str, read: Callable[[Problem], str | None]) -> str:
    """The text of a column: that of the problem it holds, or its own, also of what only looks like a problem.

    Args:
        text: What the column holds.
        read: The text of a problem; None where it has none.
    """
    found = stored_problem(text)
    try:
        return (read(found) if found is not None else None) or text
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        # Another version of ours has kept it, with other parameters.
        return text


def _listed(value: Any) -> Any:
    several = value if isinstance(value, (list, tuple)) else None
    return isolated(value) if several is None else ", ".join(isolated(str(one)) for one in several)
