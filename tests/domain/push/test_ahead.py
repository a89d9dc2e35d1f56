"""Whether a page may be looked up before the page ahead of it was sent (B33)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.plain.plain import link
from webapp.domain.push.ahead import shares_signs
from webapp.domain.push.facts import FoundObject, Local, Question
from webapp.domain.records.fields import ObjectType

_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _local(number: int, **given: Any) -> Local:
    return Local(id=number, uuid=f"u{number}", is_active=True, values=given.pop("values", {}), **given)


def _found(properties: dict[str, str]) -> FoundObject:
    return FoundObject("70", {**properties}, _NOW, _NOW)


def _shares(kind: ObjectType, sent: Local, behind: Local, *objects: FoundObject) -> bool:
    return shares_signs([sent], {sent.id: list(objects)}, [behind], kind)


@pytest.mark.parametrize(
    ("kind", "sent", "behind"),
    [
        ("contacts", {"key": "a@x.de"}, {"key": "b@x.de", "further_emails": ("a@x.de",)}),
        ("contacts", {"further_emails": ("b@x.de",)}, {"key": "b@x.de"}),
        ("companies", {"key": "x.de"}, {"key": "x.de"}),
        ("companies", {"values": {"name": "Nord  AG"}}, {"values": {"name": "nord ag"}}),
        ("companies", {"met_ids": ("71",)}, {"met_ids": ("71",)}),
        ("contacts", {"questions": (Question("71", "Eva", {}),)}, {"decision": {"remote_id": "71"}}),
    ],
)
def test_what_may_be_found_by_what_is_sent_before_it_is_not_looked_up_ahead(
    kind: ObjectType, sent: dict[str, Any], behind: dict[str, Any]
) -> None:
    assert _shares(kind, _local(1, **sent), _local(2, **behind))
    assert not _shares(kind, _local(1, key="other"), _local(2, **behind))


@pytest.mark.parametrize(
    ("kind", "held", "key"),
    [
        ("contacts", {"email": "A@x.de"}, "a@x.de"),
        ("contacts", {"email": "c@x.de", "hs_additional_emails": "a@x.de;b@x.de"}, "b@x.de"),
        ("companies", {"domain": "www.x.de"}, "x.de"),
        ("companies", {"domain": "y.de", "hs_additional_domains": "x.de"}, "x.de"),
    ],
)
def test_neither_is_what_may_lead_to_an_object_that_is_changed_before_it(
    kind: ObjectType, held: dict[str, str], key: str
) -> None:
    assert _shares(kind, _local(1), _local(2, key=key), _found(held))
    assert not _shares(kind, _local(1), _local(2, key="other.de"), _found(held))


def test_an_object_is_read_by_its_id_whatever_is_sent_before_it() -> None:
    linked = _local(2, key="a@x.de", link=link(2, "71"))
    assert not _shares("contacts", _local(1, key="a@x.de"), linked)
