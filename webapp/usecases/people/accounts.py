"""Accounts: created, and changed by an administrator or by their owner."""

from typing import Any

from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.people.accounts import Account, leaves_nobody
from webapp.domain.people.profile import Profile
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.people import audit, mailed_links, sessions, users
from webapp.store.people.users import User
from webapp.usecases.people import passwords


def add(services: Services, email: str, name: str, password_hash: str, role: str) -> User:
    """Store a new user.

    Raises:
        RefusedError: `email_taken`, somebody has this address already.
    """
    try:
        with services.database.writing() as session:
            user = users.add(session, email, name, password_hash, role)
            audit.add(session, services.actor, "user_added", person=name, role=role)
            return user
    except IntegrityError as error:
        raise RefusedError("email_taken", email=email.lower()) from error


def set_role(services: Services, user_id: int, role: str) -> None:
    """Give a person another role; it holds from their next press on.

    Raises:
        RefusedError: `no_such_person` or `last_administrator`.
    """
    with services.database.writing() as session:
        user = _found(session, user_id)
        if user.role != role:
            _check(session, user, replace(users.account_of(user), role=role))
            users.change(session, user_id, {"role": role})
            audit.add(session, services.actor, "role_changed", person=user.name, role=role)


def deactivate(services: Services, user_id: int) -> None:
    """Bar a person from logging in; their sessions end, and their links stop working.

    Raises:
        RefusedError: `no_such_person` or `last_administrator`.
    """
    with services.database.writing() as session:
        user = _found(session, user_id)
        if user.is_active:
            _check(session, user, replace(users.account_of(user), is_active=False))
            users.change(session, user_id, {"is_active": False})
            sessions.end(session, user_id)
            mailed_links.revoke(session, user_id)
            audit.add(session, services.actor, "user_deactivated", person=user.name)


def reactivate(services: Services, user_id: int) -> None:
    """Let a deactivated person log in again.

    Raises:
        RefusedError: `no_such_person`.
    """
    with services.database.writing() as session:
        user = _found(session, user_id)
        if not user.is_active:
            users.change(session, user_id, {"is_active": True})
            audit.add(session, services.actor, "user_reactivated", person=user.name)


def change_password(
    services: Services,
    user_id: int,
    password_hash: str,
    *,
    proved_hash: str | None = None,
    keeps: int | None = None,
) -> bool:
    """Store another password; sessions but one end, and no link works any more.

    Args:
        services: What it works with.
        user_id: Whose.
        password_hash: Of the new one.
        proved_hash: Of the present one, where its person has typed it.
        keeps: The session that goes on.

    Returns:
        False, and nothing is changed, where the password that was typed is no longer theirs.

    Raises:
        RefusedError: `no_such_person`.
    """
    with services.database.writing() as session:
        user = _found(session, user_id)
        if not users.change(session, user_id, {"password_hash": password_hash}, proved_hash=proved_hash):
            return False
        sessions.end(session, user_id, but=keeps)
        mailed_links.revoke(session, user_id)
        audit.add(session, services.actor, "password_changed", person=user.name)
    return True


def edit_profile(
    services: Services, user_id: int, profile: Profile, *, proved_hash: str | None = None
) -> bool:
    """Store what a person says about themselves. With another address, links to the old one stop to work.

    Returns:
        False, and nothing is changed, where the password that was typed for it is no longer theirs.

    Raises:
        RefusedError: `no_such_person` or `email_taken`.
    """
    values: dict[str, Any] = {
        "name": profile.name,
        "email": profile.email,
        "time_zone": profile.time_zone,
        "language": profile.language,
    }
    try:
        with services.database.writing() as session:
            user = _found(session, user_id)
            changed = sorted(name for name, value in values.items() if getattr(user, name) != value)
            if not changed:
                return True
            if not users.change(session, user_id, values, proved_hash=proved_hash):
                return False
            if "email" in changed:
                mailed_links.revoke(session, user_id)
            audit.add(session, services.actor, "profile_changed", person=profile.name, fields=changed)
    except IntegrityError as error:
        raise RefusedError("email_taken", email=profile.email) from error
    return True


def proved_hash(services: Services, user_id: int, password: str) -> str | None:
    """The hash of a person's password, where they have typed the one that they have."""
    with services.database.reading() as session:
        user = users.by_id(session, user_id)
    present = user.password_hash if user else None
    return present if passwords.is_right(present, password[: passwords.LONGEST]) else None


def _found(session: Session, user_id: int) -> User:
    user = users.by_id(session, user_id)
    if user is None:
        raise RefusedError("no_such_person")
    return user


def _check(session: Session, user: User, after: Account) -> None:
    before = users.account_of(user)
    if before.can_administrate and leaves_nobody(before, after, users.other_administrators(session, user.id)):
        raise RefusedError("last_administrator")
