"""Our own unique property at HubSpot, by which a repeated create finds the object instead of making another.

HubSpot allows uniqueness only when a property is made, and ten such properties an object type.
"""

import structlog

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.errors import TwinbookError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import Conflict, MalformedAnswer, MissingScopes, ValidationFailed
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.people import audit
from webapp.usecases.connection.portal import open_client

_MOST_UNIQUE = 10
_GROUPS: dict[ObjectType, str] = {"companies": "companyinformation", "contacts": "contactinformation"}
_LABEL = "Twinbook ID"
_DESCRIPTION = "Written by Twinbook, which recognises its records by it. Do not edit."

_log = structlog.get_logger()


def configure(services: Services, connection_id: int, *, may_create: bool) -> dict[str, str]:
    """Look at the property of both object types, make it where it is missing and may be made, and store that.

    Trouble leaves the stored states as they are: it must not keep anybody from connecting.

    Returns:
        By object type: `ready`, `missing`, `not_unique`, `unfit` where it takes no text of ours, `no_scope`,
        `slots_full`, or `deleted` where it was ready once and is missing.
    """
    try:
        states = _states(services, connection_id, may_create=may_create)
    except TwinbookError as error:
        _log.warning("key_property_not_checked", connection_id=connection_id, error=str(error))
        with services.database.reading() as session:
            row = connections.get(session, connection_id)
        return dict(row.key_properties) if row else {}
    with services.database.writing() as session:
        connections.record_key_properties(session, connection_id, states)
        if may_create:
            audit.add(session, services.actor, "key_property_configured")
    return states


def _states(services: Services, connection_id: int, *, may_create: bool) -> dict[str, str]:
    with services.database.reading() as session:
        row = connections.get(session, connection_id)
    granted = set(row.scopes) if row else set()
    client = open_client(services, connection_id, is_urgent=True)
    try:
        states: dict[str, str] = {}
        for kind in OBJECT_TYPES:
            state = _state(client, kind, granted)
            if may_create and state == "missing":
                state = _made(client, kind, granted)
            states[kind] = _compared_with(state, row.key_properties.get(kind) if row else None)
        return states
    finally:
        client.close()


def _compared_with(state: str, before: str | None) -> str:
    """A property that was there once and is not any more was deleted, as nobody but a person can do."""
    was_there, is_there = before in ("ready", "deleted"), state not in ("missing", "no_scope")
    return "deleted" if was_there and not is_there else state


def _state(client: HubSpotClient, kind: ObjectType, granted: set[str]) -> str:
    try:
        listed = client.properties(kind)
    except MissingScopes:
        return "no_scope"
    if KEY_PROPERTY in listed.unread:
        raise MalformedAnswer("The definition of our own property cannot be read.")
    definitions = listed.results
    own = next((one for one in definitions if one.name == KEY_PROPERTY), None)
    if own is not None:
        is_fit = own.type == "string" and not own.is_read_only
        return ("ready" if is_fit else "unfit") if own.has_unique_value else "not_unique"
    if sum(one.has_unique_value and not one.hubspot_defined for one in definitions) >= _MOST_UNIQUE:
        return "slots_full"
    return "missing" if f"crm.schemas.{kind}.write" in granted else "no_scope"


def _made(client: HubSpotClient, kind: ObjectType, granted: set[str]) -> str:
    """Make the property, then read its state: another process may have been quicker, or the answer lost."""
    try:
        client.create_property(
            kind,
            name=KEY_PROPERTY,
            label=_LABEL,
            group_name=_GROUPS[kind],
            description=_DESCRIPTION,
            has_unique_value=True,
        )
    except MissingScopes:
        return "no_scope"
    except ValidationFailed as error:
        _log.warning("key_property_refused", object_type=kind, error=error.message)
    except Conflict:
        pass
    return _state(client, kind, granted)
