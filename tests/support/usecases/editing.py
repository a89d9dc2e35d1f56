"""Edits as a person makes them. Call everything within an application context."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications.services import current_services, reading
from webapp.domain.records.fields import ObjectType
from webapp.store.push import facts as push_facts
from webapp.store.records import records as stored
from webapp.usecases.records import editing


def edit(record_id: int = 1, **values: str) -> None:
    """Edit a contact as a person does on its page."""
    edit_record("contacts", record_id, **values)


def edit_record(kind: ObjectType, record_id: int, **values: str) -> None:
    """Edit a record as a person does on its page, who saves again when told that it changed meanwhile."""
    while True:
        with reading() as session:
            record = stored.get(session, kind, record_id)
            assert record is not None
            version, present = record.version, stored.values_of(kind, record)
        seen = {name: "" if value is None else str(value) for name, value in present.items()}
        answer = editing.edit(current_services(), kind, record_id, version, seen | values, seen=seen)
        if not isinstance(answer, editing.Overtaken):
            break
    assert isinstance(answer, editing.Saved), answer


def edit_once_read(monkeypatch: pytest.MonkeyPatch, phone: str) -> list[str]:
    """Have the first contact edited as soon as a push has read contacts; what is still to come."""
    real, later = push_facts.page, [phone]

    def page(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        if found and args[3] == "contacts" and later:
            edit(phone=later.pop())
        return found

    monkeypatch.setattr(push_facts, "page", page)
    return later
