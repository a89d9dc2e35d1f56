"""Validation of a sync rule: refusals that name the field and what fits."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec.structs import replace

from webapp.domain.records.fields import COMPANY, FIELDS, STATUSES, Field, FieldKind, ObjectType
from webapp.domain.records.values import is_blank, trimmed
from webapp.domain.rules.rule import WITHOUT_VALUE, Condition, Operator, Rule
from webapp.errors import Problem, problem

_TEXT: tuple[Operator, ...] = ("is", "is_not", "any_of", "contains", "starts_with", *WITHOUT_VALUE)
_NUMBER: tuple[Operator, ...] = ("is", "is_not", "any_of", "greater", "less", *WITHOUT_VALUE)
_DAY: tuple[Operator, ...] = ("is", "before", "after", *WITHOUT_VALUE)
_CHOICE: tuple[Operator, ...] = ("is", "is_not", "any_of", *WITHOUT_VALUE)
_WHOLE: tuple[Operator, ...] = ("is", "is_not", "any_of")
_MOST_CONDITIONS = 50
_LONGEST_VALUE = 1_000
_IS_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)

OPERATORS_OF: dict[FieldKind, tuple[Operator, ...]] = {
    "text": _TEXT,
    "long_text": _TEXT,
    "email": _TEXT,
    "phone": _TEXT,
    "domain": _TEXT,
    "url": _TEXT,
    "integer": _NUMBER,
    "number": _NUMBER,
    "date": _DAY,
    "datetime": ("before", "after", *WITHOUT_VALUE),
    "yes_no": ("is", "is_not", *WITHOUT_VALUE),
    "choice": _CHOICE,
    "status": _CHOICE,
    "choices": ("contains", *WITHOUT_VALUE),
}
"""Which operators fit which kind of field; a kind that is missing here fits no condition."""


def askable(
    object_type: ObjectType, custom: Sequence[Field], company_custom: Sequence[Field] = ()
) -> tuple[Field, ...]:
    """The fields that a rule may ask about, standard ones first; of a contact its company's come last."""
    own = [field for field in (*FIELDS[object_type], *custom) if field.kind in OPERATORS_OF]
    if object_type != "contacts":
        return tuple(own)
    company_fields = [
        field for field in (*FIELDS["companies"], *company_custom) if field.kind in OPERATORS_OF
    ]
    named = [replace(one, name=COMPANY + one.name) for one in company_fields]
    return (*own, *named)


def choosable(field: Field) -> tuple[str, ...]:
    """The values from which a condition has to choose; empty if any value is allowed."""
    return STATUSES if field.kind == "status" else (*field.options, *field.retired)


def names_values(condition: Condition, field: Field) -> bool:
    """Whether it compares with whole values, instead of a part or a bound."""
    return condition.operator in _WHOLE or field.kind == "choices"


def check_conditions(rule: Rule, askable_fields: Sequence[Field]) -> list[Problem]:
    """The problems of a rule that may ask about these fields; none if it may be saved."""
    every = list(rule.every_condition())
    if len(every) > _MOST_CONDITIONS:
        return [problem("too_many_conditions", limit=_MOST_CONDITIONS, count=len(every))]
    fields = {field.name: field for field in askable_fields}
    wrong = [found for one in every if (found := _wrong(one, fields))]
    wrong += [
        problem("empty_group", number=number)
        for number, group in enumerate(rule.groups, 1)
        if not group.conditions
    ]
    return wrong


def _wrong(condition: Condition, fields: dict[str, Field]) -> Problem | None:
    field = fields.get(condition.field)
    if field is None:
        return problem("unknown_field", name=condition.field, known=tuple(fields))
    if condition.operator not in OPERATORS_OF[field.kind]:
        fitting = OPERATORS_OF[field.kind]
        return problem("operator_does_not_fit", field=field, operator=condition.operator, fitting=fitting)
    if condition.operator in WITHOUT_VALUE:
        return None if condition.value is None else problem("takes_no_value", field=field)
    if condition.operator == "any_of":
        if not isinstance(condition.value, list) or not condition.value:
            return problem("needs_list", field=field, operator=condition.operator)
        return next((bad for one in condition.value if (bad := _wrong_value(field, condition, one))), None)
    return _wrong_value(field, condition, condition.value)


def _wrong_value(field: Field, condition: Condition, value: Any) -> Problem | None:
    """Why one value does not fit its field."""
    if isinstance(value, (list, dict)) or is_blank(value):
        return problem("needs_value", field=field, operator=condition.operator)
    text = trimmed(str(value))
    if len(text) > _LONGEST_VALUE:
        return problem("value_too_long", field=field, limit=_LONGEST_VALUE)
    return _unfit(field, value, text) or _unknown(field, condition, text)


def _unfit(field: Field, value: Any, text: str) -> Problem | None:
    if field.kind in ("integer", "number") and not _IS_NUMBER.fullmatch(text):
        return problem("value_no_number", field=field, value=text)
    if field.kind in ("date", "datetime") and not _is_day(text):
        return problem("value_no_date", field=field, value=text)
    if field.kind == "yes_no" and not isinstance(value, bool):
        return problem("value_no_truth", field=field)
    return None


def _unknown(field: Field, condition: Condition, text: str) -> Problem | None:
    offered = choosable(field)
    if offered and names_values(condition, field) and text.casefold() not in map(str.casefold, offered):
        return problem("no_such_value", field=field, value=text, offered=offered)
    return None


def _is_day(text: str) -> bool:
    """Whether a day is written as stored values are: days are compared as texts, so no other form fits."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
