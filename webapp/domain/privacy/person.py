"""Identifies the person who asks for their data or for their erasure."""

import hmac
from typing import Any

from msgspec import Struct

from webapp.domain.records.normal.hosts import email_key


class Identity(Struct, frozen=True):
    """A person to look for: by an e-mail address in lower case, or by the number of a contact."""

    address: str | None = None
    record_id: int | None = None


class Person(Struct, frozen=True, kw_only=True):
    """One person, by all that names them without doubt.

    Attributes:
        record_ids: the contacts that they are or were here, also such as were deleted or merged.
        objects: the contacts that they are in HubSpot: connection and object.
        addresses: their e-mail addresses that nobody else here has, in lower case.
    """

    record_ids: tuple[int, ...] = ()
    objects: tuple[tuple[int, str], ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def remote_ids(self) -> tuple[str, ...]:
        """Their objects in all portals."""
        return tuple(remote_id for _connection_id, remote_id in self.objects)

    @property
    def is_known(self) -> bool:
        """Whether a record or an object is theirs."""
        return bool(self.record_ids or self.objects)


def read_identity(text: str) -> Identity | None:
    """A typed text as an address or the number of a contact; None if it is neither."""
    typed = text.strip().removeprefix("contacts/")
    if "@" in typed:
        address = email_key(typed)
        return Identity(address=address) if address else None
    # Longer numbers than those no database counts.
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= len("2147483647")
    number = int(typed) if is_number else 0
    return Identity(record_id=number) if 0 < number < 1 << 31 else None


def address_digest(key: str, address: str) -> str:
    """The digest of an erased person's address: it recognises the address and does not reveal it.

    Args:
        key: The installation's own, without which guesses cannot be tried.
        address: An e-mail address, in lower case.
    """
    return hmac.new(key.encode(), address.encode(), "sha256").hexdigest()


def added(some: dict[str, int], other: dict[str, Any]) -> dict[str, int]:
    """The counts added up, without zeros."""
    total = {name: some.get(name, 0) + int(other.get(name, 0)) for name in {**some, **other}}
    return {name: count for name, count in total.items() if count}
