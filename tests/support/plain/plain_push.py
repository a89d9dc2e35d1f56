"""Plain values for tests of the push rules: records, objects, policies and plans, without any database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import structs

from tests.support.plain.plain import MAPPINGS, READ_AT
from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.push.decide import plan
from webapp.domain.push.facts import Found, FoundObject, Local, PushPolicy
from webapp.domain.push.plan import Create, Plan, Update
from webapp.domain.records.fields import ObjectType
from webapp.domain.rules.rule import EVERYTHING, Condition, Rule

UUID = "u-3"
NOBODY = Rule("all", (Condition("city", "is", "Nowhere"),))
"""A rule that admits no record of these tests."""
OLD = READ_AT - timedelta(days=300)


def policy(object_type: ObjectType = "contacts", *, has_key: bool = True, **terms: Any) -> PushPolicy:
    """Under these terms, everything is pushed unless they say otherwise."""
    mapping = terms.pop("mapping", MAPPINGS[object_type])
    given: dict[str, Any] = {"rule": EVERYTHING} | terms
    return PushPolicy(structs.replace(mapping, has_key=has_key), **given)


def local(*, key: str | None = None, **facts: Any) -> Local:
    """The record 3; what is no attribute of a record is a value of it. It has the value behind its key."""
    names = set(Local.__struct_fields__)
    values = {name: value for name, value in facts.items() if name not in names}
    if key is not None:
        values.setdefault("email" if "@" in key else "domain", key)
    given = {name: value for name, value in facts.items() if name in names}
    base: dict[str, Any] = {"id": 3, "uuid": UUID, "is_active": True, "values": values}
    return Local(key=key, **(base | given))


def remote(remote_id: str = "7", *, has_key: bool = False, **properties: str | None) -> FoundObject:
    """An object that was made long ago, as it was read."""
    key: dict[str, str | None] = {KEY_PROPERTY: UUID} if has_key else {}
    return FoundObject(remote_id, properties | key, OLD, READ_AT)


def planned(record: Local, *objects: FoundObject, terms: PushPolicy | None = None, **found: Any) -> Plan:
    """The plan of a record for which these objects were found."""
    return plan(Found(record, objects, **found), terms or policy())


def updated(record: Local, *objects: FoundObject, terms: PushPolicy | None = None, **found: Any) -> Update:
    """The same, which is an update."""
    decided = planned(record, *objects, terms=terms, **found)
    assert isinstance(decided, Update), decided
    return decided


def created(record: Local, *objects: FoundObject, terms: PushPolicy | None = None, **found: Any) -> Create:
    """The same, which is a create."""
    decided = planned(record, *objects, terms=terms, **found)
    assert isinstance(decided, Create), decided
    return decided
