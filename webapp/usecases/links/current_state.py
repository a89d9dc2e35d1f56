"""The state of a record, or of an object never seen here, with its reason; nothing is written."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.links.state import SyncState, unlinked_state
from webapp.domain.mapping.incoming import display_name
from webapp.domain.mapping.mapping import Mapping as FieldMapping
from webapp.domain.matching.scoring import weighed
from webapp.domain.pull.facts import Facts, Remote
from webapp.domain.pull.page import plan_page
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection.connections import Connection
from webapp.store.links import facts as link_facts
from webapp.store.mapping import mappings
from webapp.store.matching import frequencies
from webapp.store.pull.facts import gather
from webapp.store.records import records
from webapp.store.rules import rules
from webapp.usecases.connection.portal import open_client
from webapp.usecases.connection.required import require_connection
from webapp.usecases.links.states import state_of
from webapp.usecases.pull.look import look_at

Weights = tuple[tuple[str, float], ...]
"""Signs with what each of them weighs."""


class Explanation(Struct, frozen=True, kw_only=True):
    """A record, an object, or both as one, with how they stand.

    `weights` are, of an object that was not linked, what it has in common with the records that it may be.
    """

    object_type: ObjectType
    name: str
    state: SyncState
    record_id: int | None = None
    remote_id: str | None = None
    weights: Mapping[int, Weights] = {}


def of_record(services: Services, object_type: ObjectType, record_id: int) -> Explanation:
    """How a record stands.

    Raises:
        RefusedError: `not_connected`, or `no_such_record`.
    """
    with services.database.reading() as session:
        return _of_record(session, require_connection(session), object_type, record_id)


def of_object(services: Services, object_type: ObjectType, remote_id: str) -> Explanation:
    """How an object of HubSpot stands: by its record, else by what a pull would do with it now.

    Raises:
        RefusedError: `not_connected`.
        TwinbookError: HubSpot does not answer.
    """
    with services.database.reading() as session:
        connection = require_connection(session)
        links = link_facts.of_objects(session, connection.id, object_type, [remote_id])
        if remote_id in links:
            return _of_record(session, connection, object_type, links[remote_id].record_id)
    return _of_unlinked(services, connection.id, object_type, remote_id)


def _of_record(
    session: Session, connection: Connection, object_type: ObjectType, record_id: int
) -> Explanation:
    record = records.get(session, object_type, record_id)
    if record is None:
        raise RefusedError("no_such_record", record_id=record_id, object_type=object_type)
    link = records.link_of(session, connection.id, object_type, record_id)
    return Explanation(
        object_type=object_type,
        name=record_name(object_type, records.values_of(object_type, record)),
        state=state_of(session, connection.id, object_type, record),
        record_id=record_id,
        remote_id=link.remote_id if link else None,
    )


def _of_unlinked(
    services: Services, connection_id: int, object_type: ObjectType, remote_id: str
) -> Explanation:
    with services.database.reading() as session:
        mapping = mappings.load(session, connection_id, object_type)
        rule = rules.load(session, connection_id, object_type, "in")
    client = open_client(services, connection_id, is_urgent=True)
    try:
        look = look_at(services, client, connection_id, mapping, [remote_id])
    finally:
        client.close()
    if not look.found:
        state = SyncState("absent")
        return Explanation(object_type=object_type, name=remote_id, state=state, remote_id=remote_id)
    [remote] = look.found
    # Facts for a pull are read with locks; nothing is written.
    with services.database.writing() as session:
        facts = gather(
            session, connection_id, mapping, [remote], rule=rule, frequencies=frequencies.latest(session)
        )
    [plan] = plan_page([remote], facts, mapping, rule)
    return Explanation(
        object_type=object_type,
        name=display_name(object_type, remote.id, remote.properties),
        state=unlinked_state(plan.outcome, plan.reason, plan.detail),
        weights=_weights(remote, mapping, facts),
        record_id=plan.record_id,
        remote_id=remote.id,
    )


def _weights(remote: Remote, mapping: FieldMapping, facts: Facts) -> dict[int, Weights]:
    """The signs that the object has in common with each record that shares a key with it."""
    company = facts.company_of(remote)
    keys = replace(remote.read(mapping).keys, company_id=company.record_id if company else None)
    alike = facts.index.like(keys)
    return {
        number: weighed(keys, one.keys, facts.index.frequencies)
        for number, one in sorted(alike.items())
        if number not in facts.apart.get(remote.id, frozenset())
    }
