"""Making people who can log in, and recording their log-ins."""

from sqlalchemy.exc import IntegrityError

from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.people import users
from webapp.store.people.users import User


def add(services: Services, email: str, name: str, password_hash: str, role: str) -> User:
    """Store a new user.

    Raises:
        RefusedError: `email_taken`, somebody has this address already.
    """
    try:
        with services.database.writing() as session:
            return users.add(session, email, name, password_hash, role)
    except IntegrityError as error:
        raise RefusedError("email_taken", email=email.lower()) from error


def logged_in(services: Services, user_id: int, new_hash: str | None) -> None:
    """Record a log-in, and keep the password's hash in its newer form if there is one."""
    with services.database.writing() as session:
        users.logged_in(session, user_id, new_hash)


def end_sessions(services: Services, user_id: int) -> None:
    """End every session that the person has anywhere."""
    with services.database.writing() as session:
        users.end_sessions(session, user_id)
