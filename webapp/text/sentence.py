"""How a text gets its parameters: `{name}` in a table is filled from the problem that was given."""

from collections.abc import Mapping
from typing import Any

import msgspec

from webapp.errors import Problem


def filled(text: str, params: Mapping[str, Any]) -> str:
    """A text with its parameters; several values are listed."""
    return text.format(**{name: _listed(value) for name, value in params.items()})


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


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
