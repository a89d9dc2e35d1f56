"""The state shown in the frame of every page, read by one statement of bounded cost."""

from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, ScalarSelect, func, literal, select
from sqlalchemy.orm import Session

from webapp.domain.push.holding import IN_QUESTION
from webapp.models import (
    Connection,
    FailingRecord,
    HeldRecord,
    PossibleDuplicate,
    PrivacyDeletion,
    RemoteObject,
    Run,
    WebhookEventCount,
)
from webapp.store.connection.connections import DISCONNECTED
from webapp.store.database.lists import unindexed
from webapp.store.runs.runs import REQUESTED

MOST_COUNTED = 1_000
"""Beyond this nothing here is counted on."""


class Standing(Struct, frozen=True):
    """How everything stands; no count goes beyond `MOST_COUNTED`.

    Attributes:
        connection: the connection that is not disconnected, if any.
        held_objects, held_records: what waits for a person's decision, each question once: without the
            records for which a held object asks, and what was decided and is being carried out.
        failing: what fails.
        duplicates: pairs that may be one.
        asking: automatic runs that ask before they change very much.
        privacy: contacts deleted in HubSpot for privacy that wait for a decision.
        latest_delivery: when HubSpot delivered events last.
        latest_missed: when the latest change was found that no webhook event had reported.
    """

    connection: Connection | None
    held_objects: int = 0
    held_records: int = 0
    failing: int = 0
    duplicates: int = 0
    asking: int = 0
    privacy: int = 0
    latest_delivery: datetime | None = None
    latest_missed: datetime | None = None


def read(session: Session) -> Standing:
    """How everything stands now."""
    connection, held, decided, before, behind, *others = session.execute(_statement()).one()
    return Standing(
        *(connection, held if held >= MOST_COUNTED else held - decided, min(before + behind, MOST_COUNTED)),
        *others,
    )


@cache
def _statement() -> Any:
    """Built once: every page asks it."""
    of_connection = RemoteObject.connection_id == Connection.id
    waits = HeldRecord.connection_id == Connection.id, HeldRecord.decision.is_(None)
    # In the order of the index of decisions, which are few: without it every held object would be read.
    is_decided = of_connection, RemoteObject.decision.is_not(None), unindexed(RemoteObject.state) == "held"
    # Of a portal that was disconnected none runs: the state alone leads to the few by their index.
    asks = Run.state == "running", Run.approval == REQUESTED
    undecided = PrivacyDeletion.connection_id == Connection.id, PrivacyDeletion.settled_at.is_(None)
    one_row = select(literal(1).label("one")).subquery()
    return (
        select(
            Connection,
            _counted(RemoteObject.id, of_connection, RemoteObject.state == "held"),
            _counted(RemoteObject.id, *is_decided, order=RemoteObject.id),
            # Before and behind the one reason: two stretches of the index.
            _counted(HeldRecord.id, *waits, HeldRecord.reason < IN_QUESTION),
            _counted(HeldRecord.id, *waits, HeldRecord.reason > IN_QUESTION),
            _counted(FailingRecord.id, FailingRecord.connection_id == Connection.id),
            _counted(PossibleDuplicate.id, PossibleDuplicate.state == "open"),
            _counted(Run.id, *asks),
            _counted(PrivacyDeletion.id, *undecided),
            _latest("deliveries"),
            _latest("missed"),
        )
        .select_from(one_row)
        .outerjoin(Connection, Connection.state != DISCONNECTED)
        .limit(1)
    )


def _counted(column: Any, *conditions: ColumnElement[bool], order: Any = None) -> ScalarSelect[int]:
    some = (
        select(column).where(*conditions).order_by(order).limit(MOST_COUNTED).correlate(Connection).subquery()
    )
    return select(func.count()).select_from(some).correlate(Connection).scalar_subquery()


def _latest(name: str) -> ScalarSelect[datetime]:
    return (
        select(func.max(WebhookEventCount.latest_at)).where(WebhookEventCount.name == name).scalar_subquery()
    )
