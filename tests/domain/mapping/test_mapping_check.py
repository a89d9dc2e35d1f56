"""A mapping is refused with the field's name and what fits it."""

from __future__ import annotations

import pytest

from webapp.domain.mapping.check import check_fields, check_statuses
from webapp.domain.mapping.definitions import Definitions, Property, PropertyOption
from webapp.domain.mapping.fitting import FITS
from webapp.domain.mapping.mapping import DEFAULT_FIELD_MAPPINGS, Direction, FieldMap
from webapp.domain.records.fields import FIELDS, Field
from webapp.text.mapping import mapping_problem
from webapp.text.records.records import FIELD_KINDS

TIERS = (PropertyOption("tier_1"), PropertyOption("tier_2"))
KNOWN = Definitions(
    properties=(
        Property("name", "Name"),
        Property("about", "About"),
        Property("createdate", "Create date", "datetime", "date", is_read_only=True),
        Property("num_deals", "Deals", "number", "number", is_calculated=True),
        Property("tier", "Tier", "enumeration", "select", options=TIERS),
        Property("founded", "Founded", "date", "date"),
        Property("revenue", "Revenue", "number", "number"),
    )
)
CUSTOM = (
    Field("custom.seats", "Seats", "number"),
    Field("custom.deals", "Deals", "number"),
    Field("custom.level", "Level", "choice", options=("Gold", "Silver")),
    Field("custom.note", "Note"),
    Field("custom.since", "Since", "date"),
)
PRESENT = DEFAULT_FIELD_MAPPINGS["companies"]


def problems(*added: FieldMap) -> list[tuple[str, str]]:
    kept = [item for item in PRESENT if item.field not in {one.field for one in added}]
    found = check_fields("companies", [*kept, *added], PRESENT, CUSTOM, KNOWN)
    return [(one.field, mapping_problem(one.problem)) for one in found]


def test_what_fits_is_accepted() -> None:
    assert problems() == []
    assert (
        problems(
            FieldMap("custom.seats", "revenue", "both", "clear"),
            FieldMap("custom.deals", "num_deals", "in"),
            FieldMap("custom.level", "tier", options={"Gold": "tier_1"}),
            FieldMap("custom.note", "tier", "in"),
            FieldMap("custom.since", "createdate", "in"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("item", "part"),
    [
        (FieldMap("custom.seats", "founded"), "What fits: number or text."),
        (FieldMap("custom.deals", "num_deals"), "can go in only or off here: HubSpot alone writes it"),
        (FieldMap("custom.note", "tier"), "can go in only or off here: it is taken as HubSpot's internal"),
        (FieldMap("custom.seats", "nonsense"), "no property “nonsense”"),
        (FieldMap("custom.nothing", "revenue"), "There is no such field."),
        (FieldMap("name", "about"), "This mapping is fixed"),
        (FieldMap("name", "name", "in", is_fixed=True), "This mapping is fixed"),
        (FieldMap("custom.note", "name"), "“name” is sent from Name already"),
        (FieldMap("custom.level", "tier"), "Map at least one option."),
        (
            FieldMap("custom.level", "tier", options={"Tin": "tier_1"}),
            "no option “Tin”. It has: Gold, Silver.",
        ),
        (FieldMap("custom.level", "tier", options={"Gold": "x"}), "no option “x”. It has: tier_1, tier_2."),
        (
            FieldMap("custom.level", "tier", options={"Gold": "tier_1", "Silver": "tier_1"}),
            "“tier_1” is given to two of ours",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(item: FieldMap, part: str) -> None:
    [(field, text)] = problems(item)
    assert field == item.field
    assert part in text


def test_several_fields_may_take_from_one_property() -> None:
    assert problems(FieldMap("custom.note", "name", "in")) == []


def test_without_definitions_only_what_is_in_force_passes() -> None:
    assert check_fields("companies", PRESENT, PRESENT, CUSTOM, Definitions()) == []
    [problem] = check_fields(
        "companies", [*PRESENT, FieldMap("custom.seats", "revenue")], PRESENT, CUSTOM, Definitions()
    )
    assert problem.problem.code == "not_read_yet"


@pytest.mark.parametrize("direction", ["both", "out"])
def test_nothing_is_sent_to_what_hubspot_alone_writes(direction: Direction) -> None:
    assert len(problems(FieldMap("custom.deals", "num_deals", direction))) == 1


def test_every_kind_of_field_has_its_row_in_the_type_table() -> None:
    assert set(FITS) == set(FIELD_KINDS) - {"company"}
    assert all(field.kind in FIELD_KINDS for fields in FIELDS.values() for field in fields)


def test_status_tables_name_what_does_not_exist() -> None:
    found = check_statuses("companies", {"lead": "Lead", "gone": "Nobody"}, {}, ["Lead"], ["lead"])
    assert [(one.field, mapping_problem(one.problem)) for one in found] == [
        ("status_in", "There is no status “Nobody”. There are: Lead."),
        ("status_in", "HubSpot has no stage “gone”. It has: lead."),
    ]


def test_status_tables_that_flip_are_refused() -> None:
    found = check_statuses("contacts", {"a": "X", "b": "Y"}, {"X": "b", "Y": "a"}, ["X", "Y"], [])
    assert [problem.field for problem in found] == ["status_out"]
    assert mapping_problem(found[0].problem).startswith(
        "“a” → “X” → “b” → “Y” → “a”: this value would keep changing."
    )
