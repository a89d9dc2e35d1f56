"""How the sync rules read, and why one cannot be saved."""

from collections.abc import Callable
from typing import Any

from webapp.domain.rules.rule import Operator
from webapp.errors import Problem
from webapp.text.records.records import field_label
from webapp.text.sentence import problem_text
from webapp.text.translated import Table

_OPERATORS: dict[Operator, str] = {
    "is": "is",
    "is_not": "is not",
    "any_of": "is any of",
    "contains": "contains",
    "starts_with": "starts with",
    "is_blank": "is blank",
    "is_not_blank": "is not blank",
    "greater": "is greater than",
    "less": "is less than",
    "before": "is before",
    "after": "is after",
}
OPERATORS = Table(_OPERATORS)

_PROBLEMS: dict[str, str] = {
    "too_many_conditions": "A rule may have at most {limit} conditions; this one has {count}.",
    "empty_group": "Group {number} is empty: give it a condition, or leave it out.",
    "unknown_field": "{name}: there is no such field to ask about. Known are {known}.",
    "operator_does_not_fit": "{field}: “{operator}” does not fit it. Fitting are {fitting}.",
    "takes_no_value": "{field}: this question takes no value.",
    "needs_list": "{field}: “{operator}” needs a list of values.",
    "needs_value": "{field}: “{operator}” needs a value.",
    "value_too_long": "{field}: the value is longer than {limit} characters.",
    "value_no_number": "{field}: “{value}” is no number. Write it as 1200 or 0.5.",
    "value_no_date": "{field}: “{value}” is no date. Write it as 2026-01-31.",
    "value_no_truth": "{field}: the value is true or false.",
    "no_such_value": "{field}: “{value}” is none of its values. Choose one of: {offered}.",
}
PROBLEMS = Table(_PROBLEMS)

_SHOWN: dict[str, Callable[[Any], object]] = {
    "field": field_label,
    "operator": lambda operator: OPERATORS[operator],
    "fitting": lambda fitting: [OPERATORS[operator] for operator in fitting],
}
"""The parameters that are names of something else."""


def operator(name: str) -> str:
    """The label of an operator."""
    return OPERATORS.get(name, name)  # type: ignore[call-overload,no-any-return]


def rule_problem(problem: Problem) -> str:
    """Why a rule cannot be saved."""
    params = {
        name: _SHOWN[name](value) if name in _SHOWN else value for name, value in problem.params.items()
    }
    return problem_text(PROBLEMS, Problem(problem.code, params))
