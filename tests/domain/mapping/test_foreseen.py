"""HubSpot's refusals are foreseen from its definitions, with the property's name."""

from __future__ import annotations

import pytest

from webapp.domain.mapping.definitions import Definitions, Property, PropertyOption
from webapp.domain.mapping.refusals import refusals

KNOWN = Definitions(
    properties=(
        Property("email", "Email", is_required=True),
        Property("tier", "Tier", "enumeration", "select", options=(PropertyOption("gold"),)),
        Property(
            "tags", "Tags", "enumeration", "checkbox", options=(PropertyOption("a"), PropertyOption("b"))
        ),
        Property("owner", "Owner", "enumeration", "select", has_foreign_options=True),
        Property("seats", "Seats", "number", "number"),
        Property("founded", "Founded", "date", "date"),
        Property("createdate", "Create date", "datetime", "date", is_read_only=True),
    )
)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("email", "not an address", "INVALID_EMAIL"),
        ("tier", "silver", "INVALID_OPTION"),
        ("tags", "a;c", "INVALID_OPTION"),
        ("seats", "many", "INVALID_LONG"),
        ("founded", "soon", "INVALID_DATE"),
        ("createdate", "2026-11-24", "READ_ONLY_VALUE"),
        ("nonsense", "x", "PROPERTY_DOESNT_EXIST"),
        ("email", "", "MISSING_REQUIRED_PROPERTY"),
        ("email", "a@example.com" + "m" * 65_536, "MAX_LENGTH"),
    ],
)
def test_a_refusal_is_foreseen(name: str, text: str, code: str) -> None:
    [found] = refusals("contacts", {name: text}, KNOWN)
    assert (found.property, found.problem.code) == (name, code)


def test_what_hubspot_takes_is_not_refused() -> None:
    sent = {"email": "ana@example.com", "tier": "gold", "tags": "b;a", "owner": "12", "seats": "0"}
    assert refusals("contacts", sent | {"founded": "2026-11-24"}, KNOWN, is_new=True) == []
    assert refusals("contacts", {"tier": ""}, KNOWN) == []


def test_a_new_object_needs_what_is_required() -> None:
    assert [found.property for found in refusals("contacts", {"tier": "gold"}, KNOWN, is_new=True)] == [
        "email"
    ]


def test_nothing_is_foreseen_of_a_portal_whose_properties_are_not_known() -> None:
    assert refusals("contacts", {"nonsense": "x"}, Definitions()) == []
