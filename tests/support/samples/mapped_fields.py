"""Custom fields that are defined and mapped, for the connection of the tests."""

from __future__ import annotations

from msgspec.structs import replace

from tests.support.applications.services import current_services, reading, writing
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import Field, ObjectType
from webapp.store.mapping import mappings
from webapp.store.records import custom_fields
from webapp.usecases.mapping import definitions
from webapp.usecases.mapping import save as save_mapping


def map_field(connection_id: int, kind: ObjectType, field: Field, item: FieldMap) -> None:
    """Read HubSpot's properties, define a field and map it."""
    services = current_services()
    definitions.refresh(services, connection_id)
    with writing() as session:
        custom_fields.add(session, kind, field)
    with reading() as session:
        desired = save_mapping.requested_from(save_mapping.load(session, connection_id)[kind])
        version = mappings.version(session, connection_id)
    whole = replace(desired, fields=(*desired.fields, item))
    answer = save_mapping.save(services, connection_id, {kind: whole}, version)
    assert isinstance(answer, save_mapping.Saved), answer
