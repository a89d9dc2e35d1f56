"""Creates and edits one record for a person."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.editing import Meanwhile, rebase
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.validate import Checked, check
from webapp.domain.records.values import Change, Value
from webapp.errors import Problem, RefusedError, problem
from webapp.services import Services
from webapp.store.people import audit
from webapp.store.push import outbox
from webapp.store.records import custom_fields, edits, records
from webapp.usecases.runs import queues
from webapp.usecases.runs.publish import records_changed


class Saved(Struct):
    """It was stored, or there was nothing to store."""

    record_id: int
    was_changed: bool = True


class Rejected(Struct):
    """Nothing was stored: what is wrong, by field name."""

    errors: dict[str, Problem]


class Overtaken(Struct):
    """Nothing was stored: somebody else wrote the record since the form was opened.

    Attributes:
        version: what the form, sent again, has to name to be stored.
        meanwhile: what was changed, field by field.
        values: what the form should show now: one's own changes on top of the record's present values.
        seen: the record's present values, as texts.
    """

    version: int
    meanwhile: list[Meanwhile]
    values: dict[str, str]
    seen: dict[str, str]


def create(
    services: Services, object_type: ObjectType, given: Mapping[str, str], *, user_id: int | None = None
) -> Saved | Rejected:
    """Store a new record.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        given: What was typed, by field name and `custom.NAME`.
        user_id: Who typed it.
    """
    with services.database.reading() as session:
        custom = custom_fields.load(session, object_type)
    checked = check(object_type, given, {}, custom)
    if checked.errors:
        return Rejected(checked.errors)
    with services.database.writing() as session:
        if errors := _missing_company(session, checked):
            return Rejected(errors)
        [record_id] = records.insert_many(session, object_type, [checked.values])
        to_send_to = _record_edit(
            session, object_type, record_id, edits.changes_between({}, checked.values), user_id
        )
    _announce(services, to_send_to)
    return Saved(record_id)


def edit(
    services: Services,
    object_type: ObjectType,
    record_id: int,
    version: int,
    given: Mapping[str, str],
    *,
    seen: Mapping[str, str],
    user_id: int | None = None,
) -> Saved | Rejected | Overtaken:
    """Store a changed record, unless it was written since the form was opened.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        record_id: Which one.
        version: The version that the form was made from.
        given: What the form holds, by field name and `custom.NAME`.
        seen: What the form held when it was opened.
        user_id: Who edits.

    Raises:
        RefusedError: `gone`, there is no such record any more.
    """
    with services.database.reading() as session:
        record = _present(session, object_type, record_id)
        custom = custom_fields.load(session, object_type)
    stored = records.values_of(object_type, record)
    if record.version != version:
        return _overtaken(record.version, stored, given, seen)
    checked = check(object_type, given, stored, custom)
    if checked.errors:
        return Rejected(checked.errors)
    if _without_blanks(checked.values) == _without_blanks(stored):
        return Saved(record_id, was_changed=False)
    with services.database.writing() as session:
        if checked.values.get("company_id") != stored.get("company_id") and (
            errors := _missing_company(session, checked)
        ):
            return Rejected(errors)
        if not records.change(session, object_type, record_id, version, checked.values):
            record = _present(session, object_type, record_id)
            return _overtaken(record.version, records.values_of(object_type, record), given, seen)
        to_send_to = _record_edit(
            session, object_type, record_id, edits.changes_between(stored, checked.values), user_id
        )
    _announce(services, to_send_to)
    return Saved(record_id)


def problems(
    services: Services, object_type: ObjectType, record_id: int | None, given: Mapping[str, str]
) -> dict[str, Problem]:
    """The problems of a form's values, by field name, before anything is stored."""
    with services.database.reading() as session:
        custom = custom_fields.load(session, object_type)
        record = records.get(session, object_type, record_id) if record_id is not None else None
    stored = records.values_of(object_type, record) if record is not None else {}
    return dict(check(object_type, given, stored, custom).errors)


def turn(services: Services, object_type: ObjectType, record_id: int, *, is_active: bool) -> None:
    """Deactivate a record, which is then not sent any more, or activate it again.

    Edits made while it was inactive are then sent.

    Raises:
        RefusedError: `gone`, there is no such record any more.
    """
    with services.database.writing() as session:
        _present(session, object_type, record_id)
        was_turned = records.turn(session, object_type, record_id, is_active=is_active)
        is_to_be_sent = was_turned and is_active
        to_send_to = outbox.add(session, object_type, [record_id], datetime.now(UTC)) if is_to_be_sent else []
        if was_turned:
            state = "active" if is_active else "inactive"
            about = {"object_type": object_type, "record_id": record_id, "state": state}
            audit.add(session, services.actor, "activity_changed", **about)
    _announce(services, to_send_to)


def _record_edit(
    session: Session, object_type: ObjectType, record_id: int, changes: list[Change], user_id: int | None
) -> list[int]:
    """Store the edit and its outbox rows in the transaction of the change; returns the connections."""
    now = datetime.now(UTC)
    edits.add(session, object_type, [(record_id, changes)], origin="person", now=now, user_id=user_id)
    return outbox.add(session, object_type, [record_id], now)


def _announce(services: Services, connection_ids: list[int]) -> None:
    """After the commit: queue what is to be sent, and wake the open pages."""
    records_changed(services)
    for connection_id in connection_ids:
        queues.enqueue_automatic(services, queues.AUTO_PUSH, connection_id)


def _present(session: Session, object_type: ObjectType, record_id: int) -> records.Record:
    record = records.get(session, object_type, record_id)
    if record is None:
        raise RefusedError("gone")
    return record


def _overtaken(
    version: int, stored: dict[str, Value], given: Mapping[str, str], seen: Mapping[str, str]
) -> Overtaken:
    meanwhile, values, now = rebase(given, seen, stored)
    return Overtaken(version, meanwhile, values, now)


def _missing_company(session: Session, checked: Checked) -> dict[str, Problem]:
    company_id = checked.values.get("company_id")
    if isinstance(company_id, int) and not records.existing_company_ids(session, {company_id}):
        return {"company_id": problem("company_gone")}
    return {}


def _without_blanks(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}
