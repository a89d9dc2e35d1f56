"""Texts of the mapping: its kinds and conversions, why it cannot be saved, what HubSpot would refuse."""

from collections.abc import Callable, Sequence
from typing import Any

from webapp.domain.mapping.definitions import PropertyKind, Redefined, Redefinition
from webapp.domain.mapping.fitting import fitting
from webapp.domain.mapping.mapping import BlankPolicy, Direction
from webapp.domain.records.fields import Field
from webapp.errors import Problem
from webapp.text.records.records import FIELD_KINDS, field_label
from webapp.text.sentence import filled, one_of, problem_text
from webapp.text.translated import Table, gettext

_DIRECTIONS: dict[Direction, str] = {
    "both": "Both ways",
    "in": "Only in, from HubSpot",
    "out": "Only out, to HubSpot",
    "off": "Off",
}
DIRECTIONS = Table(_DIRECTIONS)
_BLANKS: dict[BlankPolicy, str] = {
    "ignore": "Blanks overwrite nothing",
    "clear": "Blanks clear the other side",
}
BLANKS = Table(_BLANKS)
_PROPERTY_KINDS: dict[PropertyKind, str] = {
    "text": "text",
    "phone": "phone number",
    "number": "number",
    "date": "date",
    "datetime": "date and time",
    "yes_no": "yes or no",
    "choice": "single choice",
    "choices": "multiple choice",
    "other": "a type that is not synced",
}
PROPERTY_KINDS = Table(_PROPERTY_KINDS)
_CONVERSIONS: dict[str, str] = {
    "as_it_is": "as it is",
    "number_as_text": "the number as text",
    "date_as_text": "the date as text, 2026-11-24",
    "moment_as_text": "the moment as text, in UTC",
    "truth_as_text": "as text: true or false",
    "option_as_text": "HubSpot's internal value as text",
    "options_as_text": "HubSpot's internal values as text, joined by ;",
    "day_of_moment": "the day of the moment, in UTC",
    "midnight": "midnight of the day, in UTC",
    "truth": "yes is true, no is false",
    "option_by_option": "option by option",
    "options_joined": "option by option, joined by ;",
    "one_option": "the one option",
    "status_tables": "through the status tables",
}
CONVERSIONS = Table(_CONVERSIONS)

_PROBLEMS: dict[str, str] = {
    "fixed": "This mapping is fixed: it belongs to HubSpot's “{property}”, both ways.",
    "no_such_field": "There is no such field.",
    "not_read_yet": "HubSpot's properties have not been read yet: refresh them first.",
    "no_such_property": "HubSpot has no property “{property}”. Refresh the properties if it is new.",
    "kinds_differ": (
        "{field} ({kind}) cannot take “{property}”, which is {property_kind}. What fits: {fitting}."
    ),
    "written_by_hubspot": "“{property}” can go {directions} here: HubSpot alone writes it.",
    "one_way_conversion": "“{property}” can go {directions} here: it is taken as {conversion}.",
    "no_options_to_map": "{field} has no options to map.",
    "no_such_option": "{field} has no option “{option}”. It has: {options}.",
    "no_such_property_option": "“{property}” has no option “{option}”. It has: {options}.",
    "option_given_twice": "HubSpot's option “{option}” is given to two of ours: choose one.",
    "no_option_mapped": "Map at least one option.",
    "sent_twice": "HubSpot's “{property}” is sent from {other} already. Let this one go in only.",
    "mapped_twice": "The field is mapped twice.",
    "no_such_status": "There is no status “{status}”. There are: {statuses}.",
    "no_such_stage": "HubSpot has no stage “{stage}”. It has: {stages}.",
    "never_rests": "{path}: this value would keep changing. Let it come back as one that stays.",
    "property_unread": (
        "What HubSpot answers about “{property}” cannot be read. Blanks there clear nothing here meanwhile."
    ),
    "option_gone": "“{property}” has no option “{option}” any more.",
    "option_hidden": "HubSpot hides the option “{option}” of “{property}”; it is synced as before.",
}
PROBLEMS = Table(_PROBLEMS)
"""Why a mapping cannot be saved, or what of one in force does not fit any more."""

_REDEFINED: dict[Redefined, str] = {
    "gone": "HubSpot's property “{before}” was deleted. What is here stays as it is.",
    "made_again": (
        "HubSpot's property “{before}” was deleted and made again. Blanks there clear nothing here."
    ),
    "other_type": "In HubSpot it was {before} and is {after} now. Blanks there clear nothing here.",
    "made_read_only": "HubSpot alone writes it now.",
    "option_gone": "HubSpot's option “{before}” was removed.",
    "option_relabelled": "HubSpot's option “{before}” is called “{after}” now; it is the same as before.",
    "option_hidden": "HubSpot's option “{before}” was hidden.",
}
REDEFINED = Table(_REDEFINED)
"""What HubSpot has changed about a mapped property."""

_STOPPED: dict[tuple[bool, bool], str] = {
    (True, True): "Meanwhile none of its changes come in or go out.",
    (False, True): "It is not sent meanwhile.",
    (True, False): "Meanwhile none of its changes come in.",
    (False, False): "",
}
STOPPED = Table(_STOPPED)
"""What that keeps from being synced: in, and out."""

_FORESEEN: dict[str, str] = {
    "MISSING_REQUIRED_PROPERTY": "HubSpot requires “{property}”.",
    "PROPERTY_DOESNT_EXIST": "HubSpot has no property “{property}”.",
    "READ_ONLY_VALUE": "“{property}” is written by HubSpot alone.",
    "MAX_LENGTH": "“{property}” takes at most {limit:,} characters; this has {length:,}.",
    "INVALID_EMAIL": "HubSpot does not take “{value}” as an e-mail address.",
    "INVALID_OPTION": "“{property}” has no option “{value}”. It takes: {options}.",
    "INVALID_LONG": "“{property}” takes {takes}, not “{value}”.",
    "INVALID_DATE": "“{property}” takes {takes}, not “{value}”.",
}
FORESEEN = Table(_FORESEEN)
"""What HubSpot would refuse, by HubSpot's own code."""


def _either(kinds: Sequence[PropertyKind]) -> str:
    named = one_of(PROPERTY_KINDS[kind] for kind in kinds)
    return named or gettext("none: it follows from HubSpot's associations")


_WAYS: Table[Direction, str] = Table({"both": "both ways", "in": "in only", "out": "out only", "off": "off"})
_TAKES: Table[str, str] = Table(
    {"number": "a number", "date": "a date such as 2026-11-24", "datetime": "a date and time"}
)
_SHOWN: dict[str, Callable[[Any], str]] = {
    "field": field_label,
    "other": lambda other: field_label(other) if isinstance(other, Field) else other,
    "kind": lambda kind: FIELD_KINDS[kind],
    "property_kind": lambda kind: PROPERTY_KINDS[kind],
    "fitting": _either,
    "directions": lambda directions: one_of(_WAYS[one] for one in directions),
    "conversion": lambda conversion: CONVERSIONS[conversion],
    "path": lambda path: " → ".join(f"“{value}”" for value in path),
    "takes": lambda kind: _TAKES[kind],
}
"""The parameters that are names of something else."""


def fitting_kinds(field: Field) -> str:
    """The kinds of property that fit a field: `text or phone number`."""
    return _either(fitting(field))


def mapping_problem(problem: Problem) -> str:
    """Why a mapping cannot be saved."""
    return problem_text(PROBLEMS, _shown(problem))


def redefinition(one: Redefinition) -> str:
    """The change of a property's definition, in a sentence."""
    params = {"before": one.before, "after": one.after}
    if one.code == "other_type":
        params = {name: PROPERTY_KINDS[kind] for name, kind in params.items()}  # type: ignore[index]
    return filled(REDEFINED[one.code], params)


def foreseen(problem: Problem) -> str:
    """The refusal to expect from HubSpot, in a sentence."""
    return problem_text(FORESEEN, _shown(problem))


def _shown(problem: Problem) -> Problem:
    params = {
        name: _SHOWN[name](value) if name in _SHOWN else value for name, value in problem.params.items()
    }
    return Problem(problem.code, params)
