"""The sync rules: shown and put in force; as one JSON object for the command line."""

from typing import Any

import msgspec
from sqlalchemy.orm import Session

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.rules.check import check_conditions
from webapp.domain.rules.rule import Rule
from webapp.domain.rules.trial import change_digest
from webapp.errors import Problem, RefusedError
from webapp.services import Services
from webapp.store.people import audit
from webapp.store.rules import rules
from webapp.usecases.rules.trials import Question
from webapp.usecases.rules.vocabulary import Direction, askable_fields

DIRECTIONS: tuple[Direction, ...] = ("in", "out")
RulesByType = dict[ObjectType, dict[Direction, Rule]]


def document(session: Session, connection_id: int) -> dict[str, Any]:
    """The rules in force, by object type and direction: `in` for a pull, `out` for a push."""
    return {
        kind: {
            side: msgspec.to_builtins(rules.load(session, connection_id, kind, side)) for side in DIRECTIONS
        }
        for kind in OBJECT_TYPES
    }


def read(text: bytes) -> RulesByType:
    """The rules that a file sets; rules that it leaves out stay as they are.

    Raises:
        RefusedError: `no_rules`, it is no such object; `detail` names the place.
    """
    try:
        return msgspec.json.decode(text, type=RulesByType)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("no_rules", detail=str(error)) from error


def save(
    services: Services, connection_id: int, requested: RulesByType
) -> list[tuple[ObjectType, Direction, Problem]]:
    """Put rules in force, all or none. Linked records keep syncing regardless of them.

    Returns:
        Their problems, each with its rule; empty when they are in force.
    """
    with services.database.writing() as session:
        problems = [
            (kind, side, found)
            for kind, sides in requested.items()
            for side, rule in sides.items()
            for found in check_conditions(rule, askable_fields(session, connection_id, kind, side))
        ]
        if problems:
            return problems
        for kind, sides in requested.items():
            for side, rule in sides.items():
                rules.save(session, connection_id, kind, side, rule)
        audit.add(session, services.actor, "rules_saved", object_types=list(requested))
    return []


def save_shown(services: Services, question: Question, shown: str) -> bool:
    """Put a rule in force whose effect somebody was shown.

    Args:
        services: What it works with.
        question: The new rule, already checked, with its object type and direction.
        shown: The digest of the change that was shown.

    Returns:
        False when the rule in force has changed since the change was shown; nothing is saved then.
    """
    where = (question.connection_id, question.object_type, question.side)
    with services.database.writing() as session:
        if change_digest(rules.load(session, *where), question.rule) != shown:
            return False
        rules.save(session, *where, question.rule)
        audit.add(session, services.actor, "rules_saved", object_types=[question.object_type])
    return True
