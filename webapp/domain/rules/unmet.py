"""The values in a rule that no record has: they may be meant for later, and are more often slips."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import islice

from msgspec import Struct

from webapp.domain.records.values import folded
from webapp.domain.rules.rule import Condition

# Spellings are compared with the most frequent values, at most this number.
_MOST_COMPARED = 1_000
_OF_PARTS = ("contains", "starts_with")


class Unmet(Struct, frozen=True):
    """A value, or a part of one, that no record has; `near` is the known one that may be meant."""

    value: str
    near: str | None = None


def unmet_values(condition: Condition, known: Iterable[str]) -> list[Unmet]:
    """What a condition on a text compares with and no record has.

    Args:
        condition: The condition.
        known: The values that records have, the most frequent first.
    """
    by_form = {_form(one): one for one in known}
    given = condition.value if isinstance(condition.value, list) else [condition.value]
    return [
        Unmet(value, None if condition.operator in _OF_PARTS else _nearest(_form(value), by_form))
        for value in map(str, given)
        if not _is_met(condition.operator, _form(value), by_form)
    ]


def _is_met(operator: str, form: str, known: Mapping[str, str]) -> bool:
    if operator == "contains":
        return any(form in one for one in known)
    if operator == "starts_with":
        return any(one.startswith(form) for one in known)
    return form in known


def _nearest(form: str, by_form: Mapping[str, str]) -> str | None:
    """The known value most similar in spelling; None if no spelling is similar."""
    found = get_close_matches(form, islice(by_form, _MOST_COMPARED), n=1, cutoff=0.7)
    return by_form[found[0]] if found else None


def _form(text: str) -> str:
    """A text as rules compare it."""
    return folded(text).casefold()
