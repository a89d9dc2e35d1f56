"""Defines and changes custom fields."""

from sqlalchemy.exc import IntegrityError

from webapp.domain.records.custom_fields import define, extend
from webapp.domain.records.fields import CUSTOM, ObjectType
from webapp.errors import Problem, problem
from webapp.services import Services
from webapp.store.people import audit
from webapp.store.records import custom_fields


def create(
    services: Services, object_type: ObjectType, name: str, *, label: str, kind: str, options: str
) -> dict[str, Problem]:
    """Define a field; returns the problems by input, empty when it was made.

    Values that records already hold under the name become values of this field.
    """
    field, errors = define(object_type, name, label, kind, options)
    if errors:
        return errors
    try:
        with services.database.writing() as session:
            custom_fields.add(session, object_type, field)
            audit.add(
                session, services.actor, "custom_field_added", name=field.label, object_type=object_type
            )
    except IntegrityError:
        return {"name": problem("name_taken", name=field.name.removeprefix(CUSTOM))}
    return {}


def change(
    services: Services, field_id: int, *, label: str, added: str, retired: list[str], is_retired: bool
) -> dict[str, Problem]:
    """Change a field's label, add options, retire some or the whole field; returns the problems by input."""
    with services.database.reading() as session:
        found = custom_fields.get(session, field_id)
    if found is None:
        return {"label": problem("field_gone")}
    field, errors = extend(found.field, label, added, retired)
    if errors:
        return errors
    with services.database.writing() as session:
        custom_fields.change(
            session,
            field_id,
            label=field.label,
            options=field.options,
            retired=field.retired,
            is_retired=is_retired,
        )
        audit.add(session, services.actor, "custom_field_changed", name=field.label)
    return {}
