"""A property changes in HubSpot in the middle of a push: its value alone waits, and is not forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.faults import durable_steps
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.mapped_fields import map_field
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import (
    announced,
    change_company,
    change_contact,
    connected_with_key,
    objects,
    pushed,
)
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.records.fields import OBJECT_TYPES, Field
from webapp.usecases.mapping import definitions

pytestmark = pytest.mark.one_database

_TEXT = {
    "type": "string",
    "fieldType": "text",
    "options": [],
    "modificationMetadata": {"readOnlyValue": False},
}
_CHANGES: dict[str, dict[str, Any] | None] = {
    "deleted": None,
    "choice": {
        "type": "enumeration",
        "fieldType": "select",
        "options": [{"label": "Good", "value": "good"}],
    },
    "date": {"type": "date", "fieldType": "date"},
    "read-only": {"modificationMetadata": {"readOnlyValue": True}},
}
_BEHIND = {
    "read": "answered POST /crm/objects/2026-03/companies/batch/read",
    "announced": "committed usecases.push.page._announced",
}
_RATED = {"custom": {"rating": "very good"}, "city": "Ulm"}
"""Of linked and of new records."""


@pytest.fixture
def rated(in_app: object, sandbox: SandboxServer) -> int:  # noqa: ARG001 - within its context
    """A connection with a mapped field, one linked record of each type that is edited, and a new one."""
    connection_id = connected_with_key(sandbox)
    for kind in OBJECT_TYPES:
        sandbox.define(kind, "rating")
        field = Field("custom.rating", "Rating", "text", 100)
        map_field(connection_id, kind, field, FieldMap("custom.rating", "rating"))
    company = make_company(name="Linked", domain="linked.de", custom={"rating": "good"})
    make_contact(company.id, first_name="Eva", email="eva@linked.de", custom={"rating": "good"})
    assert pushed(connection_id).state == "finished"
    change_company(1, **_RATED)
    change_contact(1, **_RATED)
    company = make_company(name="New", domain="new.de", **_RATED)
    make_contact(company.id, first_name="Ada", email="ada@new.de", **_RATED)
    return connection_id


@pytest.mark.parametrize(
    ("change", "moment"), [("deleted", "read"), *((one, "announced") for one in _CHANGES)]
)
def test_its_value_alone_stays_behind_and_goes_once_it_can(
    rated: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, change: str, moment: str
) -> None:
    run_id = pulling.begun(rated, "push")
    with monkeypatch.context() as patch:
        durable_steps.install(_once_behind(_BEHIND[moment], lambda: _change(sandbox, change)), patch.setattr)
        run = pulling.worked_off(run_id)
    assert (run.state, announced()) == ("finished", [])
    for kind in OBJECT_TYPES:
        held = objects(sandbox, kind, "city", "rating")
        assert [one["city"] for one in held] == ["Ulm", "Ulm"], kind
        assert "very good" not in [one.get("rating") for one in held], kind
        _mend(sandbox, kind, change)
    definitions.refresh(current_services(), rated)
    assert pushed(rated).state == "finished"
    for kind in OBJECT_TYPES:
        assert [one["rating"] for one in objects(sandbox, kind, "rating")] == ["very good", "very good"], kind
    assert pulling.entries(pushed(rated).id) == []


def _once_behind(step: str, act: Callable[[], None]) -> durable_steps.Hooks:
    """Act when a step is reached for the first time."""
    has_acted: list[bool] = []

    def reach(reached: str) -> None:
        if reached == step and not has_acted:
            has_acted.append(True)
            act()

    return durable_steps.Hooks(reach, has_reads=True)


def _change(sandbox: SandboxServer, change: str) -> None:
    for kind in OBJECT_TYPES:
        changed = _CHANGES[change]
        if changed is None:
            sandbox.delete_property(kind, "rating")
        else:
            sandbox.redefine(kind, "rating", **changed)


def _mend(sandbox: SandboxServer, kind: str, change: str) -> None:
    if _CHANGES[change] is None:
        sandbox.define(kind, "rating")
    else:
        sandbox.redefine(kind, "rating", **_TEXT)
