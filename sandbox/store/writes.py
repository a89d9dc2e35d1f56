"""Writing records: first a draft is checked against every rule, then it is applied."""

import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.calls.errors import ValidationError, contact_exists, invalid
from sandbox.clock import now_iso
from sandbox.kinds import Kind
from sandbox.sample.vocabulary import FREE_MAIL
from sandbox.store.linking import Link, link, parse_links
from sandbox.store.portal import Portal
from sandbox.store.properties.values import Refused, accepted, plain_phone, stage_after
from sandbox.store.table import Record, Table
from sandbox.webhooks.events import API


@dataclass
class Draft:
    """A checked write: `record` is None for one that will be made."""

    record: Record | None
    values: dict[str, str]
    links: list[Link] = field(default_factory=list)
    trace_id: str | None = None


def draft_create(portal: Portal, kind: Kind, body: dict[str, Any]) -> Draft:
    """Check the making of a record.

    Raises:
        ApiError: a value is refused, nothing names the record, or a unique value is taken.
    """
    values = _accepted(portal, kind, body.get("properties"))
    if not any(values.get(name) for name in kind.create_needs):
        needs = ", ".join(kind.create_needs)
        raise invalid(
            f"Error creating {kind.legacy_name}. Some required properties were not set: one of {needs}"
        )
    _check_unique(portal, portal.table(kind), None, values)
    links = parse_links(portal, kind, body.get("associations"))
    return Draft(None, {name: value for name, value in values.items() if value}, links, _trace_id(body))


def draft_update(portal: Portal, kind: Kind, record: Record, body: dict[str, Any]) -> Draft:
    """Check a change of a record.

    Raises:
        ApiError: a value is refused or a unique value is taken.
    """
    values = _accepted(portal, kind, body.get("properties"))
    _check_unique(portal, portal.table(kind), record, values)
    return Draft(record, values, trace_id=_trace_id(body))


def apply(portal: Portal, kind: Kind, draft: Draft, source: tuple[str, str] = API) -> Record:
    """Carry a draft out."""
    portal.counters["writes"] += 1
    if draft.record is None:
        record = _create(portal, kind, draft.values, source)
        portal.counters["changes"] += 1
        for pair in draft.links:
            link(portal, pair.from_record(kind, record.number))
        return record
    if change(portal.table(kind), draft.record, draft.values, source):
        portal.counters["changes"] += 1
    return draft.record


def change(table: Table, record: Record, values: dict[str, str], source: tuple[str, str]) -> bool:
    """Write the values that differ; False, and no new modified time, when none does."""
    new = {n: v for n, raw in values.items() if (v := _effective(table, record, n, raw)) is not None}
    if not new:
        return False
    now = max(now_iso(), record.properties[table.kind.modified])
    is_indexed = "hs_additional_emails" in new or any(table.is_unique(name) for name in new)
    if is_indexed:
        table.unindex(record)
    if "email" in new:
        _swap_secondary(record, new["email"])
    for name, value in new.items():
        record.keep_history(name, value, now, source)
        if value:
            record.properties[name] = value
        else:
            record.properties.pop(name, None)
        table.events.changed(table.kind, record.number, name, value)
    record.properties[table.kind.modified] = now
    if "email" in new:
        _derive_email_domain(record.properties)
    if is_indexed:
        table.index(record)
    return True


def _create(portal: Portal, kind: Kind, values: dict[str, str], source: tuple[str, str]) -> Record:
    table = portal.table(kind)
    now = now_iso()
    number = table.new_id()
    properties = {
        **values,
        "hs_object_id": str(number),
        "createdate": now,
        kind.modified: now,
        "hs_object_source": source[0],
        "hs_object_source_id": source[1],
    }
    if kind.name == "contacts":
        properties |= {"hs_is_contact": "true", "hs_is_unworked": "true", "hs_all_contact_vids": str(number)}
        properties |= {"hs_marketable_status": "false", "hs_pipeline": "contacts-lifecycle-pipeline"}
        _derive_email_domain(properties)
    stage = portal.settings.lifecyclestage_on_create
    if stage:
        properties.setdefault("lifecyclestage", stage)
    record = Record(number, properties)
    # The source of each first value differs from a later one in the history of properties.
    record.history = {name: [(value, now, *source)] for name, value in values.items()}
    table.add(record)
    table.events.created(kind, number, properties)
    if kind.name == "contacts" and portal.settings.auto_company:
        _remember_domain(portal, record)
    return record


def _remember_domain(portal: Portal, contact: Record) -> None:
    """Let a company be made and associated later, if the address is of a company's domain."""
    domain = contact.properties.get("email", "").rpartition("@")[2]
    if domain and domain not in FREE_MAIL:
        due_at_s = time.monotonic() + portal.settings.auto_company_delay_s
        portal.without_company.append((due_at_s, contact.number, domain))


def _accepted(portal: Portal, kind: Kind, properties: Any) -> dict[str, str]:
    if not isinstance(properties, dict):
        raise invalid("Invalid input JSON on line 1, column 1: properties must be an object")
    definitions = portal.table(kind).definitions
    owners = portal.owner_ids()
    values: dict[str, str] = {}
    problems: list[tuple[str, str, str]] = []
    for name, raw in properties.items():
        if raw is None:
            continue
        if isinstance(raw, (dict, list)):
            raise invalid(
                "Invalid input JSON on line 1, column 1: Cannot deserialize value of type `java.lang.String`"
            )
        try:
            values[name] = accepted(definitions, name, raw, owners)
            if portal.settings.format_phones and definitions.properties[name].field_type == "phonenumber":
                values[name] = plain_phone(values[name])
        except Refused as refusal:
            problems.append((name, refusal.code, refusal.message))
    if problems:
        settings = portal.settings
        raise ValidationError(problems, settings.portal_id, with_list=settings.errors_list)
    return values


def _check_unique(portal: Portal, table: Table, record: Record | None, values: dict[str, str]) -> None:
    for name, value in values.items():
        if not value or not table.is_unique(name):
            continue
        owner = table.index_of(name).get(table.key_of(name, value))
        if owner is None or (record is not None and owner == record.number):
            continue
        is_primary_email = name == "email" and table.records[owner].properties.get("email") == value
        if name == "email" and (record is None or is_primary_email):
            raise contact_exists(str(owner))
        on = record.id if record else "a new record"
        raise invalid(_taken(portal, table.kind, (name, value), on, owner))


def _taken(portal: Portal, kind: Kind, claim: tuple[str, str], on: str, owner: int) -> str:
    return (
        f"Cannot set PropertyValueCoordinates{{portalId={portal.settings.portal_id}, "
        f"objectTypeId=ObjectTypeId{{legacyObjectType={kind.legacy_name}}}, "
        f"propertyName={claim[0]}, value={claim[1]}}} on {on}. {owner} already has that value."
    )


def _effective(table: Table, record: Record, name: str, raw: str) -> str | None:
    old = record.properties.get(name, "")
    new = raw
    if name == "lifecyclestage":
        new = stage_after(old, raw)
    elif raw.startswith(";"):
        definition = table.definitions.live(name)
        if definition is not None and definition.field_type == "checkbox":
            parts = [part for part in old.split(";") if part]
            new = ";".join(parts + [part for part in raw.split(";") if part and part not in parts])
    return None if new == old else new


def _swap_secondary(record: Record, email: str) -> None:
    more = record.properties.get("hs_additional_emails", "").split(";")
    if email in more:
        former = record.properties.get("email", "")
        kept = [former if address == email else address for address in more]
        record.properties["hs_additional_emails"] = ";".join(address for address in kept if address)


def _derive_email_domain(properties: dict[str, str]) -> None:
    email = properties.get("email")
    if email:
        properties["hs_email_domain"] = email.rpartition("@")[2]
    else:
        properties.pop("hs_email_domain", None)


def _trace_id(body: dict[str, Any]) -> str | None:
    trace_id = body.get("objectWriteTraceId")
    return None if trace_id is None else str(trace_id)
