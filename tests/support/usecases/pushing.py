"""Pushes in this process, and what the sandbox portal holds afterwards.

Call everything within an application context whose settings lead to the sandbox.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.support.applications.services import current_services, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.domain.runs.options import PushRecordOptions
from webapp.models import AnnouncedCreate, Company, Connection, Contact, HeldRecord, Run, SyncRule
from webapp.store.runs import runs
from webapp.store.runs.runs import NewRun
from webapp.usecases.runs import of_record
from webapp.usecases.runs.lifecycle import Started

KEY = {
    "name": "twinbook_id",
    "label": "Twinbook ID",
    "type": "string",
    "fieldType": "text",
    "groupName": "",
    "hasUniqueValue": True,
}
_GROUPS = {"companies": "companyinformation", "contacts": "contactinformation"}


def connected_with_key(sandbox: SandboxServer) -> int:
    """Connect the sandbox's portal, which has our unique property and finds at once what was just made."""
    sandbox.settings(search_delay_s=0)
    connection_id = pulling.connected()
    give_key(sandbox, connection_id)
    return connection_id


def give_key(sandbox: SandboxServer, connection_id: int) -> None:
    """Let the portal have our unique property, and the connection know."""
    for kind, group in _GROUPS.items():
        answer = sandbox.api("POST", f"/crm/v3/properties/{kind}", json={**KEY, "groupName": group})
        assert answer.status_code == 201, answer.text
    with writing() as session:
        connection = session.get_one(Connection, connection_id)
        connection.key_properties = dict.fromkeys(_GROUPS, "ready")


def pushed(connection_id: int) -> Run:
    """A whole push, or as much of one as comes before it waits."""
    return pulling.worked_off(pulling.begun(connection_id, "push"))


def pushed_record(connection_id: int, object_type: ObjectType, record_id: int) -> Run:
    """A push of one record, as by its red button."""
    with writing() as session:
        new = NewRun(
            connection_id=connection_id,
            kind="push_record",
            trigger="button",
            subject=f"{object_type}/{record_id}",
            options=PushRecordOptions(object_type=object_type, record_id=record_id),
        )
        run_id = runs.add_begun(session, new, datetime.now(UTC))
    return pulling.worked_off(run_id)


def requested_push(
    object_type: ObjectType,
    record_id: int,
    *,
    decision: dict[str, Any] | None = None,
    is_preview: bool = False,
) -> Started:
    """A push of one record as its red button requests it; no worker has begun it."""
    options = PushRecordOptions(object_type=object_type, record_id=record_id)
    services = current_services()
    return of_record.start(services, options, user_id=None, decision=decision, is_preview=is_preview)


def add_out_rule(connection_id: int, object_type: str, *conditions: dict[str, Any]) -> None:
    """Set the rule for what goes out."""
    condition = {"join": "all", "conditions": list(conditions)}
    with writing() as session:
        session.add(
            SyncRule(
                connection_id=connection_id, object_type=object_type, direction="out", condition=condition
            )
        )


PRIMARY = "primary company"
"""Under this name `objects` gives a contact's primary company."""


def objects(
    sandbox: SandboxServer, kind: str, *properties: str, has_primary: bool = False
) -> list[dict[str, Any]]:
    """All objects of the portal by number: `id` and these properties, blank ones missing."""
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"limit": 100, "properties": ",".join(properties), **({"after": after} if after else {})}
        query |= {"associations": "companies"} if has_primary else {}
        answer = sandbox.api("GET", f"/crm/v3/objects/{kind}", params=query).json()
        for one in answer["results"]:
            held = {name: one["properties"].get(name) for name in properties}
            held |= {PRIMARY: _primary_in(one)} if has_primary else {}
            found.append({"id": one["id"], **{name: value for name, value in held.items() if value}})
        after = answer.get("paging", {}).get("next", {}).get("after")
        if after is None:
            return found


def primary_of(sandbox: SandboxServer, contact: str) -> str | None:
    """The primary company of a contact in the portal."""
    answer = sandbox.api("GET", f"/crm/v3/objects/contacts/{contact}", params={"associations": "companies"})
    return _primary_in(answer.json())


def _primary_in(contact: dict[str, Any]) -> str | None:
    companies = contact.get("associations", {}).get("companies", {}).get("results", [])
    return next((one["id"] for one in companies if one["type"] == "contact_to_company"), None)


def held() -> list[HeldRecord]:
    """The records that wait for a person."""
    return pulling.all_rows(HeldRecord)


def announced() -> list[AnnouncedCreate]:
    """The creates that nothing has settled."""
    return pulling.all_rows(AnnouncedCreate)


def change_company(record_id: int, **values: Any) -> None:
    """Edit a company here."""
    _change(Company, company_keys, record_id, values)


def change_contact(record_id: int, **values: Any) -> None:
    """Edit a contact here."""
    _change(Contact, contact_keys, record_id, values)


def _change(table: Any, keys: Any, record_id: int, values: dict[str, Any]) -> None:
    with writing() as session:
        row = session.get_one(table, record_id)
        for name, value in values.items():
            setattr(row, name, value)
        for name, value in keys(vars(row)).items():
            setattr(row, name, value)
        row.version += 1


WRITES = {
    "companies": "*/objects/*companies/batch/upsert",
    "contacts": "*/objects/*contacts/batch/create",
    "contacts without address": "*/objects/*contacts/batch/upsert",
    "associations": "*/associations/*/batch/create",
}
