"""What an administrator may define as a field of one's own."""

import re
from typing import cast

from webapp.domain.records.fields import CUSTOM, FIELDS_BY_NAME, Field, FieldKind, ObjectType

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


def define(
    object_type: ObjectType, name: str, label: str, kind: str, options: str
) -> tuple[Field, dict[str, str]]:
    """A new field from what was typed, with what is wrong, by input.

    Args:
        object_type: Companies or contacts.
        name: As it stands in files and commands, without `custom.`.
        label: As people read it.
        kind: One of `LONGEST`.
        options: Of a choice, one a line.
    """
    errors = {"label": _wrong_label(label), "options": ""}
    if not _NAME.fullmatch(name):
        errors["name"] = "Small letters, digits and _, beginning with a letter; at most 60."
    elif name in FIELDS_BY_NAME[object_type]:
        errors["name"] = "A standard field has this name."
    if kind not in LONGEST:
        errors["kind"] = "Choose a type."
        kind = "text"
    values = lines(options)
    if kind in ("choice", "choices"):
        errors["options"] = wrong_options(values)
    else:
        values = ()
    known = cast("FieldKind", kind)
    field = Field(f"{CUSTOM}{name}", label.strip(), known, LONGEST[known], values)
    return field, {place: words for place, words in errors.items() if words}


def extend(field: Field, label: str, added: str, retired: list[str]) -> tuple[Field, dict[str, str]]:
    """A field with another label and further options, with what is wrong, by input.

    Args:
        field: As it is.
        label: Its label from now on.
        added: Further options, one a line; those it has already are not added again.
        retired: The options that nobody may choose any more.
    """
    errors = {"label": _wrong_label(label), "options": ""}
    options = tuple(dict.fromkeys((*field.options, *lines(added))))
    if field.kind in ("choice", "choices"):
        errors["options"] = wrong_options(options)
    kept = tuple(option for option in options if option in retired)
    changed = Field(field.name, label.strip(), field.kind, field.max_length, options, kept)
    return changed, {place: words for place, words in errors.items() if words}


def lines(text: str) -> tuple[str, ...]:
    """The options of a text, each once."""
    return tuple(dict.fromkeys(line for raw in text.splitlines() if (line := " ".join(raw.split()))))


def wrong_options(options: tuple[str, ...]) -> str:
    """What is wrong with the options of a choice; empty when nothing is."""
    if not options:
        return "Give at least one option, one a line."
    if len(options) > MOST_OPTIONS:
        return f"At most {MOST_OPTIONS} options."
    for option in options:
        if ";" in option:
            return f"An option cannot contain a semicolon, which joins several: “{option}”."
        if len(option) > _LONGEST_OPTION:
            return f"An option has at most {_LONGEST_OPTION} characters: “{option[:40]}…”."
    return ""


def _wrong_label(label: str) -> str:
    if not label.strip():
        return "Give it a label."
    return f"At most {LONGEST_LABEL} characters." if len(label.strip()) > LONGEST_LABEL else ""
