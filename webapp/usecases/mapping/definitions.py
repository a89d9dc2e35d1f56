"""Reads which properties a portal has."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import structlog

from webapp.domain.mapping.definitions import Definitions, Property, PropertyGroup, PropertyOption
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.values import clean
from webapp.domain.runs.outcomes import PROPERTY_UNFIT
from webapp.errors import Problem, TwinbookError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.definitions import PropertyDefinition
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.mapping import definitions, mappings
from webapp.store.push import outbox
from webapp.store.runs.failures import FailureSelection, record_ids
from webapp.usecases.connection.portal import open_client
from webapp.usecases.connection.refusals import of_stored

OLD = timedelta(hours=1)
"""So long what was read counts without being read again."""

_log = structlog.get_logger()


def refresh(services: Services, connection_id: int, *, client: HubSpotClient | None = None) -> Problem | None:
    """Read both object types' properties; what cannot be read keeps what was known.

    Args:
        services: What it works with.
        connection_id: Whose properties.
        client: The client of a run, on which the calls then count.

    Returns:
        Why it failed; None when it did not.
    """
    error: Problem | None = None
    for kind in OBJECT_TYPES:
        try:
            found = _read(services, connection_id, kind, client)
        except TwinbookError as trouble:
            error = of_stored(services, trouble).problem
            _log.warning("definitions_not_read", connection_id=connection_id, object_type=kind)
            with services.database.writing() as session:
                definitions.record_failure(session, connection_id, kind, error.stored(), datetime.now(UTC))
        else:
            _keep(services, connection_id, kind, found)
    return error


def _keep(services: Services, connection_id: int, kind: ObjectType, found: Definitions) -> None:
    """Keep what was read; what was not sent for a property that fits again is sent now."""
    now = datetime.now(UTC)
    with services.database.writing() as session:
        before = mappings.load(session, connection_id, kind)
        definitions.keep(session, connection_id, kind, found, now)
        # Only what was stopped can fit again, and only an option that was gone can be back.
        is_stopped = bool(before.stopped_out or before.options_gone)
        after = mappings.load(session, connection_id, kind) if is_stopped else before
        if _awaited(before) - _awaited(after):
            # A record may wait for several, of which its failure names the first.
            waiting = FailureSelection(reason=PROPERTY_UNFIT)
            ids = session.scalars(record_ids(connection_id, kind, waiting, direction="out")).all()
            outbox.add_edited(session, connection_id, kind, ids, now)


def _awaited(mapping: Mapping) -> set[tuple[str, str]]:
    """The fields that wait for their property, and the options that wait for theirs."""
    options = {(name, one) for name, some in mapping.options_gone.items() for one in some}
    return options | {(name, "") for name in mapping.stopped_out}


def ensure(services: Services, connection_id: int) -> None:
    """Read them if nobody has tried yet."""
    with services.database.reading() as session:
        is_new = any(definitions.load(session, connection_id, kind).tried_at is None for kind in OBJECT_TYPES)
    if is_new:
        refresh(services, connection_id)


def renew(
    services: Services,
    connection_id: int,
    *,
    than: timedelta = OLD,
    client: HubSpotClient | None = None,
) -> None:
    """Read them again if the last try is older, since mappings in force are held against them."""
    limit = datetime.now(UTC) - than
    with services.database.reading() as session:
        tried = [definitions.load(session, connection_id, kind).tried_at for kind in OBJECT_TYPES]
    if any(at is None or at < limit for at in tried):
        refresh(services, connection_id, client=client)


def unclearable_now(services: Services, connection_id: int, kind: ObjectType) -> frozenset[str]:
    """The fields whose property, read of now, is not the one that it was: a blank in it says nothing.

    Where properties may not be read of, what was known counts.

    Raises:
        TwinbookError: trouble that passes keeps them from being read.
    """
    try:
        _keep(services, connection_id, kind, _read(services, connection_id, kind, None))
    except TwinbookError as trouble:
        if trouble.retryable:
            raise
        _log.warning("definitions_not_read", connection_id=connection_id, object_type=kind)
    with services.database.reading() as session:
        return mappings.load(session, connection_id, kind).unclearable


def renew_due(services: Services) -> None:
    """Read again what is old, of the portal that is connected; called often, by the schedule."""
    with services.database.reading() as session:
        connection = connections.current(session)
        is_usable = connection is not None and connection.state == connections.CONNECTED
    if connection is not None and is_usable:
        renew(services, connection.id)


def look_at(services: Services, connection_id: int, object_type: ObjectType, names: Collection[str]) -> None:
    """A person has looked at what HubSpot changed about these properties."""
    with services.database.writing() as session:
        definitions.look_at(session, connection_id, object_type, names)


def _read(
    services: Services, connection_id: int, kind: ObjectType, given: HubSpotClient | None
) -> Definitions:
    if given is not None:
        return _as_definitions(given, kind)
    client = open_client(services, connection_id, is_urgent=True)
    try:
        return _as_definitions(client, kind)
    finally:
        client.close()


def _as_definitions(client: HubSpotClient, kind: ObjectType) -> Definitions:
    groups = [PropertyGroup(one.name, one.label) for one in client.property_groups(kind) if not one.archived]
    listed = client.properties(kind)
    if listed.unread:
        _log.warning("definitions_unread", object_type=kind, properties=listed.unread)
    properties = [_as_property(one) for one in listed.results if not one.archived]
    return Definitions(tuple(groups), tuple(properties), unread=tuple(listed.unread))


def _as_property(found: PropertyDefinition) -> Property:
    return Property(
        name=found.name,
        label=clean(found.label) or found.name,
        type=found.type,
        field_type=found.field_type,
        group=found.group_name,
        description=found.description,
        options=tuple(
            PropertyOption(option.value, clean(option.label) or option.value, option.hidden)
            for option in found.options
        ),
        is_read_only=found.is_read_only,
        is_calculated=found.calculated,
        is_hidden=found.hidden,
        has_unique_value=found.has_unique_value,
        has_foreign_options=found.external_options or found.has_unread_options,
        created_at=found.created_at or "",
    )
