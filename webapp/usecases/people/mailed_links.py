"""Invitations and forgotten passwords: links that are made when they are sent, and work once.

A request for an e-mail address is handled alike whether anybody has that address: a mail is written,
and only the sender of mails looks for the person.
"""

import secrets
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.people.mailed_links import Purpose
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.notifications import mails
from webapp.store.people import audit, mailed_links, sessions, users
from webapp.store.people.users import User
from webapp.usecases.runs import machinery, queues


class Invited(Struct, frozen=True):
    """A person who was invited. `link` is for the administrator to hand on; empty where it goes by mail."""

    user: User
    link: str


class LinkSent(Struct, frozen=True):
    """The contents of a mail with a link; `link` and `address` are full addresses."""

    purpose: Purpose
    name: str
    link: str
    address: str


def invite(services: Services, email: str, name: str, role: str) -> Invited:
    """Add a person who has no password yet, and send them a link to choose one.

    Raises:
        RefusedError: `email_taken`, somebody has this address already.
    """
    try:
        with services.database.writing() as session:
            user = users.add(session, email, name, "", role)
            audit.add(session, services.actor, "user_invited", person=name, role=role)
            given = _give(services, session, user, "invite")
    except IntegrityError as error:
        raise RefusedError("email_taken", email=email.lower()) from error
    return _sent(services, user, given)


def send_link(services: Services, user_id: int) -> Invited:
    """Send a person another link: the invitation once more, or one to choose a new password.

    Raises:
        RefusedError: `no_such_person`, also for one who was deactivated.
    """
    with services.database.writing() as session:
        user = users.by_id(session, user_id)
        if user is None or not user.is_active:
            raise RefusedError("no_such_person")
        purpose: Purpose = "reset" if user.password_hash else "invite"
        audit.add(session, services.actor, "link_made", person=user.name, purpose=purpose)
        given = _give(services, session, user, purpose)
    return _sent(services, user, given)


def ask_for_reset(services: Services, email: str) -> None:
    """Send a link to the person with this address; the caller does not learn whether there is one."""
    with services.database.writing() as session:
        mail_id = mails.add_with_link(session, email, "reset", datetime.now(UTC))
    queues.enqueue_mail(services, mail_id)


def compose(services: Services, recipient: str, purpose: Purpose) -> LinkSent | None:
    """Make the link of a mail at the moment when it is sent; None where nobody may have it."""
    with services.database.writing() as session:
        user = users.by_email(session, recipient)
        if user is None or not user.is_active:
            return None
        # An invited person without a password gets an invitation again, which is valid for longer.
        purpose = purpose if user.password_hash else "invite"
        link = _link(services, session, user, purpose)
    return LinkSent(purpose, user.name, link, services.settings.public_url)


def find(services: Services, token: str) -> tuple[User, Purpose] | None:
    """The person whose password a link may set; the link stays valid."""
    with services.database.reading() as session:
        found = mailed_links.find(session, token, datetime.now(UTC))
    return (found[1], found[0].purpose) if found else None  # type: ignore[return-value]


def choose_password(services: Services, token: str, password_hash: str) -> bool:
    """Set the password of a link's person; False if the link no longer works.

    Every other link of the person stops working, and every session ends.
    """
    with services.database.writing() as session:
        found = mailed_links.find(session, token, datetime.now(UTC))
        if found is None or not mailed_links.use(session, found[0].id):
            return False
        link, user = found
        users.change(session, user.id, {"password_hash": password_hash})
        sessions.end(session, user.id)
        mailed_links.revoke(session, user.id)
        audit.add(session, services.actor, "password_set", person=user.name, purpose=link.purpose)
    return True


def _give(services: Services, session: Session, user: User, purpose: Purpose) -> int | str:
    """Queue a mail with a link; without a mail server return the link itself."""
    if services.settings.mail_server:
        # Whoever sends it knows by this that it is not to be shown in a log.
        machinery.sign_mail_server(services)
        return mails.add_with_link(session, user.email, purpose, datetime.now(UTC))
    return _link(services, session, user, purpose)


def _link(services: Services, session: Session, user: User, purpose: Purpose) -> str:
    token = secrets.token_urlsafe(32)
    mailed_links.add(session, user.id, purpose, token, datetime.now(UTC))
    return f"{services.settings.public_url}/choose-password/{token}"


def _sent(services: Services, user: User, given: int | str) -> Invited:
    if isinstance(given, str):
        return Invited(user, given)
    queues.enqueue_mail(services, given)
    return Invited(user, "")
