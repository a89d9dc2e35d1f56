"""Sessions: started by a log-in, ended by a log-out, by hand, or with the account or password behind them."""

import secrets
from datetime import UTC, datetime

import structlog
from sqlalchemy.orm import Session

from webapp.domain.people.actor import Actor
from webapp.domain.people.browser import browser_of
from webapp.services import Services
from webapp.store.database.trouble import TROUBLE_ERRORS
from webapp.store.people import audit, sessions, users

_log = structlog.get_logger()


def begin(
    services: Services,
    user_id: int,
    *,
    proved_hash: str,
    new_hash: str | None,
    user_agent: str,
    replaced_id: int | None,
) -> str | None:
    """Log a person in; the token of the new session.

    Looking at a password takes its time, and the wait for a turn takes seconds. None where the person was
    deactivated meanwhile, or has another password: that ends all sessions, and would not have ended this one.

    Args:
        services: What it works with.
        user_id: Who logs in.
        proved_hash: Of the password that they have typed.
        new_hash: The password's hash in its newer form, if there is one.
        user_agent: What the browser says it is.
        replaced_id: The session that this browser had before, whosever it is: it ends.
    """
    token = secrets.token_urlsafe(32)
    address, now = services.actor.address, datetime.now(UTC)
    with services.database.writing() as session:
        if not users.logged_in(session, user_id, proved_hash, new_hash, now):
            return None
        if replaced_id is not None:
            sessions.end_one(session, replaced_id)
        sessions.begin(session, user_id, token, now, address=address, browser=browser_of(user_agent))
        audit.add(session, Actor(user_id, "page", address), "logged_in")
    return token


def renew(services: Services, session_id: int) -> str:
    """Give a session another token, by which alone it goes on from now."""
    token = secrets.token_urlsafe(32)
    with services.database.writing() as session:
        sessions.renew(session, session_id, token)
    return token


def log_out(services: Services, session_id: int) -> None:
    """End the session of who logs out."""
    with services.database.writing() as session:
        if sessions.end_one(session, session_id):
            audit.add(session, services.actor, "logged_out")


def end_one(services: Services, user_id: int, session_id: int) -> bool:
    """End one session of a person; False when they have none such any more."""
    with services.database.writing() as session:
        is_ended = sessions.end_one(session, session_id, user_id=user_id)
        if is_ended:
            _record(session, services.actor, user_id, 1)
    return is_ended


def end_all(services: Services, user_id: int, *, but: int | None = None) -> int:
    """End all sessions of a person, perhaps but one; how many there were."""
    with services.database.writing() as session:
        count = sessions.end(session, user_id, but=but)
        if count:
            _record(session, services.actor, user_id, count)
    return count


def touch(services: Services, session_id: int) -> None:
    """Record that a session was used. This may be skipped: a busy or full database ends no session."""
    try:
        with services.database.writing(may_be_lost=True) as session:
            sessions.touch(session, session_id, datetime.now(UTC), services.actor.address)
    except TROUBLE_ERRORS as error:
        _log.warning("session_not_touched", error=type(error).__name__)


def _record(session: Session, actor: Actor, user_id: int, count: int) -> None:
    user = users.by_id(session, user_id)
    audit.add(session, actor, "sessions_ended", person=user.name if user else "", count=count)
