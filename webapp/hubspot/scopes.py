"""The permissions that Twinbook asks of a HubSpot account."""

from __future__ import annotations

from collections.abc import Iterable

NEEDED: tuple[str, ...] = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
)
"""Without these neither Pull nor Push works."""

OPTIONAL: tuple[str, ...] = (
    "crm.schemas.contacts.read",
    "crm.schemas.companies.read",
    "crm.schemas.contacts.write",
    "crm.schemas.companies.write",
    "crm.objects.owners.read",
)
"""With these Twinbook also reads definitions, makes its own unique property, and names owners."""

_ONLY_OAUTH = {"oauth"}
"""Granted to OAuth apps alone; the token of a private app works without it."""


def missing(granted: Iterable[str], *, optional: bool = False) -> tuple[str, ...]:
    """The needed scopes that were not granted, or the optional ones, in the order of the tables above."""
    have = set(granted) | _ONLY_OAUTH
    return tuple(scope for scope in (OPTIONAL if optional else NEEDED) if scope not in have)
