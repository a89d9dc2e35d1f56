"""Forms that arrived after their session had ended: kept for an hour, for the person who typed them."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from webapp.errors import VaultError
from webapp.services import Services
from webapp.store.people import typed_forms, users

KEPT = timedelta(hours=1)
LONGEST_BYTES = 256 * 1024
MOST = 3
"""How many forms of one person are kept at a time."""

Fields = list[tuple[str, str]]


class TypedForm(Struct, frozen=True):
    """A form that was kept: its page, the address it was sent to, and its fields."""

    page: str
    action: str
    fields: Fields


def keep(
    services: Services, user_id: int, *, page: str, action: str, fields: Sequence[tuple[str, str]]
) -> str | None:
    """Keep a form and return its token; empty if the form is too large, None for a deactivated person."""
    text = msgspec.json.encode(fields).decode()
    if len(text.encode()) > LONGEST_BYTES:
        return ""
    token = secrets.token_urlsafe(24)
    sealed = services.vault.seal(text)
    with services.database.writing() as session:
        user = users.by_id(session, user_id)
        if user is None or not user.is_active:
            return None
        typed_forms.add(
            session,
            user_id,
            token,
            datetime.now(UTC),
            page=page,
            action=action,
            fields=sealed,
            most=MOST,
        )
    return token


def find(services: Services, user_id: int, token: str) -> TypedForm | None:
    """The form of a token, if this person typed it."""
    with services.database.reading() as session:
        row = typed_forms.find(session, user_id, token, datetime.now(UTC) - KEPT)
    if row is None:
        return None
    try:
        fields = msgspec.json.decode(services.vault.open(row.fields), type=Fields)
    except VaultError:
        return None
    return TypedForm(row.page, row.action, fields)


def forget(services: Services, user_id: int, token: str) -> None:
    """Forget a form that was sent, or is not needed any more."""
    with services.database.writing() as session:
        typed_forms.forget(session, user_id, token)
