"""Finds, creates, marks and clears connections. A portal keeps its row for ever: its links refer to it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from webapp.errors import Problem
from webapp.models import ApiUsage, Connection
from webapp.store.connection.present import CONNECTED, DISCONNECTED, FAILING, UNREADABLE, current, is_live
from webapp.store.database.one_row import changed_one
from webapp.store.links.linked_flags import mark_all_unlinked
from webapp.store.mapping import mappings
from webapp.store.notifications import mails

__all__ = [
    "CONNECTED",
    "DISCONNECTED",
    "FAILING",
    "UNREADABLE",
    "Connection",
    "SealedTokens",
    "TestedPortal",
    "current",
]

NO_PORTAL = ""
"""Instead of its id, while no portal was ever connected: see `webapp.store.connection.first_log`."""
_NO_TROUBLE = {"trouble": None, "trouble_text": None}
RECONNECT = "reconnect"
"""The error of a connection whose token HubSpot refuses for good."""


@dataclass(frozen=True)
class SealedTokens:
    """Tokens as the database keeps them; a static token has neither a successor nor an end."""

    access: bytes
    refresh: bytes | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class TestedPortal:
    """A portal as live calls showed it, to be stored with its tokens."""

    portal_id: str
    kind: str
    portal: dict[str, Any]
    scopes: list[str]
    tokens: SealedTokens


def latest(session: Session) -> Connection | None:
    """The current connection, else the one that was disconnected last."""
    of_portals = select(Connection).where(Connection.portal_id != NO_PORTAL)
    last = of_portals.order_by(Connection.disconnected_at.desc(), Connection.id.desc()).limit(1)
    return current(session) or session.scalars(last).first()


def get(session: Session, connection_id: int) -> Connection | None:
    """One connection, read afresh."""
    return session.get(Connection, connection_id, populate_existing=True)


def get_kind(session: Session, connection_id: int) -> str:
    """How a connection came about: `oauth` or `token`."""
    return session.get_one(Connection, connection_id).kind


def hold(session: Session) -> None:
    """Let nobody else make or change a connection until the commit, so that "one portal at a time" holds."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE connections IN SHARE ROW EXCLUSIVE MODE"))


def take_turn(session: Session, connection_id: int) -> None:
    """Let nobody else begin a run of this connection until the commit, where one of its kind works at a time.

    On PostgreSQL two would else look whether there is one, and both begin it.
    """
    session.execute(select(Connection.id).where(Connection.id == connection_id).with_for_update())


def save(session: Session, found: TestedPortal, *, user_id: int | None, now: datetime) -> Connection:
    """Connect a portal: its own row again if it has one, else a new one with the default mapping.

    The first portal takes the row over under which the log from before it stands.
    """
    row = _of_portal(session, found.portal_id) or _of_portal(session, NO_PORTAL)
    if row is None:
        row = Connection(portal_id=found.portal_id)
        session.add(row)
    is_new = row.id is None
    row.portal_id = found.portal_id
    row.kind, row.portal, row.scopes = found.kind, found.portal, found.scopes
    row.access_token, row.refresh_token = found.tokens.access, found.tokens.refresh
    row.token_expires_at = found.tokens.expires_at
    row.state, row.error, row.error_text = CONNECTED, None, None
    row.connected_by_id, row.connected_at, row.checked_at = user_id, now, now
    row.disconnected_at = row.trouble = row.trouble_text = None
    session.flush()
    if is_new:
        mappings.add_defaults(session, row.id)
        mark_all_unlinked(session)
    return row


def _of_portal(session: Session, portal_id: str) -> Connection | None:
    return session.scalars(select(Connection).where(Connection.portal_id == portal_id)).first()


def renew_tokens(
    session: Session, connection_id: int, tokens: SealedTokens, *, instead_of: bytes, now: datetime
) -> bool:
    """Store both renewed tokens at once; False when somebody else renewed, reconnected or disconnected first.

    Args:
        session: a writing one.
        connection_id: whose.
        tokens: the renewed ones.
        instead_of: the sealed refresh token that was used.
        now: the present time.
    """
    values = {
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token_expires_at": tokens.expires_at,
        "checked_at": now,
    }
    is_stored = changed_one(
        session, Connection, and_(is_live(connection_id), Connection.refresh_token == instead_of), values
    )
    if is_stored:
        # Another worker may have taken the used-up refresh token for a dead one.
        took_for_dead = and_(Connection.id == connection_id, Connection.error == RECONNECT)
        is_readable = {"state": CONNECTED, "error": None, "error_text": None}
        changed_one(session, Connection, took_for_dead, is_readable)
    return is_stored


def with_tokens(session: Session) -> list[Connection]:
    """Every connection that has tokens, in their order."""
    return list(
        session.scalars(
            select(Connection).where(Connection.access_token.is_not(None)).order_by(Connection.id)
        )
    )


def reseal(session: Session, connection_id: int, tokens: SealedTokens, *, instead_of: bytes) -> bool:
    """Store the same tokens, encrypted with another key; False if they were replaced meanwhile."""
    condition = and_(is_live(connection_id), Connection.access_token == instead_of)
    values = {"access_token": tokens.access, "refresh_token": tokens.refresh}
    return changed_one(session, Connection, condition, values)


def mark_failing(
    session: Session, connection_id: int, problem: Problem, *, with_token: bytes | None = None
) -> bool:
    """The token stopped working, and the administrators get a mail.

    False when that is no news, or when it concerned a token replaced since.

    Args:
        session: a writing one.
        connection_id: whose.
        problem: what is wrong, such as `reconnect`.
        with_token: the sealed access token that failed, where known.
    """
    is_news = or_(Connection.state == CONNECTED, Connection.error != problem.code)
    condition = and_(is_live(connection_id), is_news)
    if with_token is not None:
        condition = and_(condition, Connection.access_token == with_token)
    values = {"state": FAILING, "error": problem.code, "error_text": problem.stored()}
    is_marked = changed_one(session, Connection, condition, values)
    if is_marked:
        mails.add_for_connection(session, problem, datetime.now(UTC))
    return is_marked


def mark_healthy(
    session: Session,
    connection_id: int,
    *,
    now: datetime,
    portal: dict[str, Any] | None = None,
    scopes: list[str] | None = None,
) -> bool:
    """A live call has just worked. False when the connection was ended meanwhile."""
    values: dict[str, Any] = {"state": CONNECTED, "error": None, "error_text": None, "checked_at": now}
    values |= _NO_TROUBLE
    values |= {} if portal is None else {"portal": portal}
    values |= {} if scopes is None else {"scopes": scopes}
    return changed_one(session, Connection, is_live(connection_id), values)


def mark_disconnected(session: Session, connection_id: int, *, now: datetime) -> bool:
    """Forget the tokens; portal, links, mapping and history stay. False when it was disconnected already."""
    values = {
        "state": DISCONNECTED,
        "error": None,
        "error_text": None,
        "access_token": None,
        "refresh_token": None,
        "token_expires_at": None,
        "disconnected_at": now,
        **_NO_TROUBLE,
    }
    return changed_one(session, Connection, is_live(connection_id), values)


def record_key_properties(session: Session, connection_id: int, states: dict[str, str]) -> None:
    """Keep how our unique property stands at HubSpot, by object type."""
    session.get_one(Connection, connection_id).key_properties = states


def record_restored(session: Session, connection_id: int, now: datetime) -> None:
    """This installation has met what it made and does not know: its database comes from an older backup."""
    changed_one(
        session,
        Connection,
        and_(Connection.id == connection_id, Connection.restored_at.is_(None)),
        {"restored_at": now},
    )


def mark_compared(session: Session, connection_id: int) -> None:
    """Everything has been compared: what an older backup did not know is here again."""
    changed_one(session, Connection, Connection.id == connection_id, {"restored_at": None})


def set_automatic(session: Session, connection_id: int, switches: dict[str, bool]) -> None:
    """Keep the switches of automatic sync."""
    session.get_one(Connection, connection_id).automatic = switches


def record_setup_step(session: Session, connection_id: int, step: str) -> None:
    """Record that a step of the set-up is done; doing so twice changes nothing."""
    connection = get(session, connection_id)
    if connection is not None and step not in connection.setup_done:
        connection.setup_done = [*connection.setup_done, step]


def record_reconcile_begun(session: Session, connection_id: int, now: datetime, *, is_full: bool) -> None:
    """Remember when a look for missed changes began, and whether it compares everything."""
    connection = session.get_one(Connection, connection_id)
    connection.reconciled_at = now
    if is_full:
        connection.compared_at = now


def record_first_pull(session: Session, connection_id: int, *, watermark: datetime, now: datetime) -> None:
    """The first pull has finished: what changes is read from the watermark on. Later pulls change nothing."""
    values = {"first_pull_finished_at": now, "watermark": watermark}
    changed_one(
        session,
        Connection,
        and_(Connection.id == connection_id, Connection.first_pull_finished_at.is_(None)),
        values,
    )


def is_first_pull_ahead(session: Session, connection_id: int) -> bool:
    """Whether no pull has gone through everything so far."""
    query = select(Connection.id).where(
        Connection.id == connection_id, Connection.first_pull_finished_at.is_(None)
    )
    return session.scalar(query) is not None


def usage_since(session: Session, connection_id: int, first_day: date) -> dict[date, ApiUsage]:
    """The kept days of API use from `first_day` on."""
    rows = session.scalars(
        select(ApiUsage).where(ApiUsage.connection_id == connection_id, ApiUsage.day >= first_day)
    )
    return {row.day: row for row in rows}
