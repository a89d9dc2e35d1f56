"""Sync rules: what a direction admits. No condition admits everything."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct

from webapp.domain.values import is_blank

Operator = Literal[
    "is", "is_not", "any_of", "contains", "starts_with", "is_blank", "is_not_blank", "greater", "less"
]


class Condition(Struct, frozen=True):
    """One question about one field. `value` is a list for `any_of`."""

    field: str
    operator: Operator
    value: Any = None


class Rule(Struct, frozen=True):
    """Conditions joined by `all` or `any`."""

    join: Literal["all", "any"] = "all"
    conditions: tuple[Condition, ...] = ()


EVERYTHING = Rule()


def failing_condition(rule: Rule, values: Mapping[str, Any]) -> Condition | None:
    """The condition that excludes a record with these field values; None when the rule admits it.

    Of conditions joined by `any`, all of which failed, the first one stands for them.
    """
    if not rule.conditions:
        return None
    failed = (condition for condition in rule.conditions if not holds(condition, values.get(condition.field)))
    if rule.join == "all":
        return next(failed, None)
    failures = list(failed)
    return failures[0] if len(failures) == len(rule.conditions) else None


def holds(condition: Condition, value: Any) -> bool:
    """Whether a value answers the condition; texts compare without regard to case."""
    return _TESTS[condition.operator](_folded(value), _folded(condition.value))


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, (list, tuple)):
        return [_folded(part) for part in value]
    return value


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _compare(test: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, wanted: Any) -> bool:
        left, right = _number(value), _number(wanted)
        return left is not None and right is not None and test(left, right)

    return compare


def _text(value: Any) -> str:
    return "" if value is None else str(value)


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: _text(value) == _text(wanted),
    "is_not": lambda value, wanted: _text(value) != _text(wanted),
    "any_of": lambda value, wanted: _text(value) in [_text(one) for one in wanted or ()],
    "contains": lambda value, wanted: _text(wanted) in _text(value),
    "starts_with": lambda value, wanted: _text(value).startswith(_text(wanted)),
    "is_blank": lambda value, _wanted: is_blank(value),
    "is_not_blank": lambda value, _wanted: not is_blank(value),
    "greater": _compare(lambda value, wanted: value > wanted),
    "less": _compare(lambda value, wanted: value < wanted),
}
