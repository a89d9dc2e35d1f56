"""The sync rules: shown, tried and put in force; as one JSON object for the command line."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy.orm import Session

from webapp.domain.fields import OBJECT_TYPES, ObjectType
from webapp.domain.incoming import read_incoming
from webapp.domain.mapping import Mapping as FieldMapping
from webapp.domain.rule_check import check_rule
from webapp.domain.rule_trial import Trial, tried
from webapp.domain.rules import Rule, with_company
from webapp.errors import RefusedError
from webapp.store import company_values, custom_fields, mappings, rules, unlinked
from webapp.store.transactions import reading, writing

Direction = Literal["in", "out"]
DIRECTIONS: tuple[Direction, ...] = ("in", "out")
Wanted = dict[ObjectType, dict[Direction, Rule]]


def document(session: Session, connection_id: int) -> dict[str, Any]:
    """The rules in force, by object type and direction: `in` for a pull, `out` for a push."""
    return {
        kind: {
            side: msgspec.to_builtins(rules.load(session, connection_id, kind, side)) for side in DIRECTIONS
        }
        for kind in OBJECT_TYPES
    }


def read(text: bytes) -> Wanted:
    """What a file wants; what it leaves out stays as it is.

    Raises:
        RefusedError: `unreadable`, it is no such object; the words name the place.
    """
    try:
        return msgspec.json.decode(text, type=Wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(
            "unreadable", f"These are no rules: {error}. `rules show` prints some that fit."
        ) from error


def trial(connection_id: int, object_type: ObjectType, side: Direction, rule: Rule) -> Trial:
    """What a rule would change: for a push among the records here, for a pull among what was left out.

    What HubSpot holds and no pull has read yet cannot be counted.
    """
    with reading() as session:
        now = rules.load(session, connection_id, object_type, side)
        asked = Rule(conditions=(*now.every_condition(), *rule.every_condition()))
        companies = company_values.asked(session, asked)
        mapping = mappings.load(session, connection_id, object_type)
        found: Iterable[tuple[str, Mapping[str, Any], Any]] = (
            (name, values, values.get("company_id"))
            for name, values in unlinked.records(session, connection_id, object_type)
        )
        if side == "in":
            found = (
                (name, _as_incoming(properties, mapping), company_id)
                for name, properties, company_id in unlinked.objects(session, connection_id, object_type)
            )
        seen = ((name, with_company(asked, values, companies.get(number))) for name, values, number in found)
        linked = unlinked.count_linked(session, connection_id, object_type)
        return tried(now, rule, seen, linked)


def _as_incoming(properties: dict[str, str | None], mapping: FieldMapping) -> dict[str, Any]:
    """The values that a pull would ask the rules about."""
    theirs = {mapping.property_names.get(field, field): text for field, text in properties.items()}
    return read_incoming(theirs, mapping).values


def save(connection_id: int, wanted: Wanted) -> list[str]:
    """Put rules in force, all or none. What is linked keeps syncing whatever they say.

    Returns:
        What is wrong with them, a sentence each; empty when they are in force.
    """
    with writing() as session:
        problems = [
            f"{kind}, {side}: {text}"
            for kind, sides in wanted.items()
            for side, rule in sides.items()
            for text in check_rule(
                kind, rule, custom_fields.load(session, kind), custom_fields.load(session, "companies")
            )
        ]
        if problems:
            return problems
        for kind, sides in wanted.items():
            for side, rule in sides.items():
                rules.save(session, connection_id, kind, side, rule)
    return []
