"""Which custom fields an administrator may define."""

import re
from typing import cast

from webapp.domain.records.fields import CUSTOM, FIELDS_BY_NAME, Field, FieldKind, ObjectType
from webapp.domain.records.values import is_blank, trimmed
from webapp.errors import Problem, problem

LONGEST: dict[FieldKind, int] = {
    "text": 1_000,
    "long_text": 65_536,
    "number": 40,
    "date": 40,
    "datetime": 40,
    "yes_no": 40,
    "choice": 100,
    "choices": 5_000,
    "phone": 50,
    "email": 254,
    "url": 500,
}
"""The kinds to choose from, each with its longest text in characters."""

MOST_OPTIONS = 200
LONGEST_LABEL = 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LONGEST_OPTION = 100
# The problem of an option that is too long shows only its beginning.
_SHOWN = 40


def define(
    object_type: ObjectType, name: str, label: str, kind: str, options: str
) -> tuple[Field, dict[str, Problem]]:
    """A new field from what was typed, with what is wrong, by input.

    Args:
        object_type: Companies or contacts.
        name: As it stands in files and commands, without `custom.`.
        label: As people read it.
        kind: One of `LONGEST`.
        options: Of a choice, one a line.
    """
    errors = {"label": _wrong_label(label)}
    if not _NAME.fullmatch(name):
        errors["name"] = problem("bad_name")
    elif name in FIELDS_BY_NAME[object_type]:
        errors["name"] = problem("name_of_standard_field")
    if kind not in LONGEST:
        errors["kind"] = problem("no_kind")
        kind = "text"
    values = lines(options)
    if kind in ("choice", "choices"):
        errors["options"] = wrong_options(values)
    else:
        values = ()
    known = cast("FieldKind", kind)
    field = Field(f"{CUSTOM}{name}", trimmed(label), known, LONGEST[known], values)
    return field, {place: found for place, found in errors.items() if found}


def extend(field: Field, label: str, added: str, retired: list[str]) -> tuple[Field, dict[str, Problem]]:
    """A field with another label and further options, with what is wrong, by input.

    Args:
        field: As it is.
        label: Its label from now on.
        added: Further options, one a line; those it has already are not added again.
        retired: The options that nobody may choose any more.
    """
    errors = {"label": _wrong_label(label)}
    options = tuple(dict.fromkeys((*field.options, *lines(added))))
    if field.kind in ("choice", "choices"):
        errors["options"] = wrong_options(options)
    kept = tuple(option for option in options if option in retired)
    changed = Field(field.name, trimmed(label), field.kind, field.max_length, options, kept)
    return changed, {place: found for place, found in errors.items() if found}


def lines(text: str) -> tuple[str, ...]:
    """The options of a text, each once."""
    return tuple(dict.fromkeys(line for raw in text.splitlines() if (line := " ".join(trimmed(raw).split()))))


def wrong_options(options: tuple[str, ...]) -> Problem | None:
    """The problem of the options of a choice; None without one."""
    if not options:
        return problem("no_options")
    if len(options) > MOST_OPTIONS:
        return problem("too_many_options", limit=MOST_OPTIONS)
    for option in options:
        if ";" in option:
            return problem("option_with_semicolon", option=option)
        if len(option) > _LONGEST_OPTION:
            return problem("option_too_long", limit=_LONGEST_OPTION, begin=option[:_SHOWN])
    return None


def _wrong_label(label: str) -> Problem | None:
    if is_blank(label):
        return problem("no_label")
    return problem("label_too_long", limit=LONGEST_LABEL) if len(trimmed(label)) > LONGEST_LABEL else None
