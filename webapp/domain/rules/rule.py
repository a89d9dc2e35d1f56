"""Sync rules: what a direction admits. No condition admits everything."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, get_args

from msgspec import Struct

from webapp.domain.records.fields import COMPANY
from webapp.domain.records.values import folded, is_blank

Join = Literal["all", "any"]
Operator = Literal[
    "is",
    "is_not",
    "any_of",
    "contains",
    "starts_with",
    "is_blank",
    "is_not_blank",
    "greater",
    "less",
    "before",
    "after",
]

OPERATORS: tuple[Operator, ...] = get_args(Operator)
WITHOUT_VALUE: tuple[Operator, ...] = ("is_blank", "is_not_blank")
"""The operators that compare with nothing."""


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """One question about one field. `value` is a list for `any_of`, an ISO date for `before` and `after`."""

    field: str
    operator: Operator
    value: Any = None


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions that count as one in their rule, joined by `all` or `any`."""

    join: Join = "all"
    conditions: tuple[Condition, ...] = ()


class Rule(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Conditions and groups of them, joined by `all` or `any`; groups hold no groups."""

    join: Join = "all"
    conditions: tuple[Condition, ...] = ()
    groups: tuple[Group, ...] = ()

    @cached_property
    def company_fields(self) -> tuple[str, ...]:
        """The fields of a contact's company that it asks about, by their names there."""
        names = (one.field for one in self.every_condition() if one.field.startswith(COMPANY))
        return tuple(dict.fromkeys(name.removeprefix(COMPANY) for name in names))

    def every_condition(self) -> Iterator[Condition]:
        """The conditions of the rule itself, then those of its groups."""
        yield from self.conditions
        for group in self.groups:
            yield from group.conditions


EVERYTHING = Rule()


def with_company(
    rule: Rule, values: Mapping[str, Any], company: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    """A contact's values for the rule, with those of its company if the rule asks about it.

    Args:
        rule: The rule.
        values: The contact's field values.
        company: Its company's values; None if it has no company here, whose fields then count as blank.
    """
    if not rule.company_fields:
        return values
    return {**values, **{COMPANY + name: (company or {}).get(name) for name in rule.company_fields}}


def failing_condition(rule: Rule, values: Mapping[str, Any]) -> Condition | None:
    """The condition that excludes a record with these field values; None when the rule admits it.

    Where several would each have admitted it, the first one stands for them.
    """
    if not rule.conditions and not rule.groups:
        return None
    return _failing_of(rule, lambda one: holds(one, values.get(one.field)))


def is_up_to_company(rule: Rule, values: Mapping[str, Any]) -> bool:
    """Whether a rule that excludes a contact might admit it, depending on a company that is not here yet."""

    def may_hold(condition: Condition) -> bool:
        return condition.field.startswith(COMPANY) or holds(condition, values.get(condition.field))

    return bool(rule.company_fields) and _failing_of(rule, may_hold) is None


def excluded_by(rule: Rule, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The failing condition with the value that failed it, as logs and lists keep it."""
    condition = failing_condition(rule, values)
    if condition is None:
        return None
    expected = {"field": condition.field, "operator": condition.operator, "value": condition.value}
    return expected | {"actual": values.get(condition.field)}


def _failing_of(rule: Rule, is_met: Callable[[Condition], bool]) -> Condition | None:
    def failed(conditions: tuple[Condition, ...]) -> list[Condition | None]:
        return [None if is_met(one) else one for one in conditions]

    groups = [_joined(failed(group.conditions), group.join) for group in rule.groups]
    return _joined([*failed(rule.conditions), *groups], rule.join)


def _joined(answers: list[Condition | None], join: Join) -> Condition | None:
    """The failure that makes the whole rule fail, of those given; None stands for a condition that held."""
    failed = [one for one in answers if one is not None]
    if not failed or (join == "any" and len(failed) < len(answers)):
        return None
    return failed[0]


def holds(condition: Condition, value: Any) -> bool:
    """Whether a value answers the condition; texts compare without regard to case."""
    return _TESTS[condition.operator](_folded(value), _folded(condition.value))


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return folded(value).casefold()
    if isinstance(value, (list, tuple)):
        return [_folded(part) for part in value]
    return value


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _compare(test: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, target: Any) -> bool:
        left, right = _number(value), _number(target)
        return left is not None and right is not None and test(left, right)

    return compare


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _day(value: Any, target: Any) -> str:
    """A moment in the precision of the condition: after a day means after its end."""
    return _text(value)[: len(_text(target))]


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, target: _text(value) == _text(target),
    "is_not": lambda value, target: _text(value) != _text(target),
    "any_of": lambda value, target: _text(value) in [_text(one) for one in target or ()],
    "contains": lambda value, target: _text(target) in _text(value),
    "starts_with": lambda value, target: _text(value).startswith(_text(target)),
    "is_blank": lambda value, _target: is_blank(value),
    "is_not_blank": lambda value, _target: not is_blank(value),
    "greater": _compare(lambda value, target: value > target),
    "less": _compare(lambda value, target: value < target),
    "before": lambda value, target: bool(_text(value)) and _day(value, target) < _text(target),
    "after": lambda value, target: bool(_text(value)) and _day(value, target) > _text(target),
}
