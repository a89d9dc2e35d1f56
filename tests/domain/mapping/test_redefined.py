"""A mapping in force against changed definitions: what it stops, and what is remembered of the change."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.support.plain.plain import COMPANIES
from webapp.domain.links.precedence import pulled_changes
from webapp.domain.mapping.definitions import Definitions, Property, PropertyOption, Redefinition
from webapp.domain.mapping.incoming import read_incoming
from webapp.domain.mapping.mapping import FieldMap, Mapping
from webapp.domain.mapping.recheck import faults, laid_over
from webapp.domain.mapping.redefined import compared, looked_at
from webapp.domain.push.outgoing import created_changes, withheld
from webapp.domain.push.refusals.outdated import shows_other_definitions
from webapp.domain.push.refusals.refusal import Refusal, RefusedProperty

CITY, COUNTRY = Property("city", "City"), Property("country", "Country")
LIST = replace(COUNTRY, type="enumeration", field_type="select", options=(PropertyOption("DE", "Germany"),))
MAPPED = {"city", "country"}
MAPPING = replace(
    COMPANIES, fields=(FieldMap("city", "city", blank_policy="clear"), FieldMap("country", "country"))
)


def known(*properties: Property, redefinitions: tuple[Redefinition, ...] = ()) -> Definitions:
    return Definitions(properties=properties, redefinitions=redefinitions)


def over(*properties: Property, **more: tuple[Redefinition, ...]) -> Mapping:
    return laid_over(MAPPING, known(*properties, **more))


def names(pairs: tuple[tuple[object, FieldMap], ...]) -> list[str]:
    return [item.field for _, item in pairs]


def test_where_nothing_was_read_everything_goes_as_it_is_mapped() -> None:
    assert laid_over(MAPPING, Definitions()) == MAPPING
    assert faults(MAPPING, Definitions()) == []


@pytest.mark.parametrize(
    ("country", "ways", "code"),
    [
        (COUNTRY, ["in", "out"], None),
        (LIST, ["in"], "one_way_conversion"),
        (replace(COUNTRY, type="json"), [], "kinds_differ"),
        (replace(COUNTRY, is_read_only=True), ["in"], "written_by_hubspot"),
        (replace(COUNTRY, is_calculated=True), ["in"], "written_by_hubspot"),
        (None, [], "no_such_property"),
    ],
)
def test_what_is_missing_or_unfit_does_not_go_that_way(
    country: Property | None, ways: list[str], code: str | None
) -> None:
    properties = [CITY, *([country] if country else [])]
    mapping = over(*properties)
    pairs = {"in": names(mapping.incoming), "out": names(mapping.outgoing)}
    assert [way for way, some in pairs.items() if "country" in some] == ways
    assert all("city" in some for some in pairs.values())
    assert [one.problem.code for one in faults(mapping, known(*properties))] == ([code] if code else [])
    assert ("country" in mapping.not_incoming) is ("in" not in ways), (
        "what a pull says nothing of keeps its base"
    )


def test_what_is_not_sent_is_said_with_its_value() -> None:
    mapping, values = over(CITY, LIST), {"city": "Ulm", "country": "Germany"}
    assert created_changes(values, mapping) == [("city", None, "Ulm")]
    left = [{"field": "country", "reason": "property_unfit", "value": "Germany"}]
    assert withheld(values, mapping, None) == {"fields": left, "property": "country"}
    assert withheld({"city": "Ulm", "country": None}, mapping, None) is None


@pytest.mark.parametrize(
    ("after", "codes"),
    [
        (COUNTRY, []),
        (None, ["gone"]),
        (replace(COUNTRY, created_at="2026"), ["made_again"]),
        (LIST, ["other_type"]),
        (replace(COUNTRY, is_read_only=True), ["made_read_only"]),
        (replace(COUNTRY, label="Land"), []),
    ],
)
def test_what_hubspot_changes_is_remembered_until_a_person_has_looked(
    after: Property | None, codes: list[str]
) -> None:
    before = replace(COUNTRY, created_at="2025")
    given = replace(after, created_at=after.created_at or "2025") if after else None
    found = compared(known(before), known(*([given] if given else [])), MAPPED)
    assert [one.code for one in found.redefinitions] == codes
    again = compared(found, replace(found, redefinitions=()), MAPPED)
    assert again.redefinitions == found.redefinitions
    assert looked_at(again, ["country"]).redefinitions == ()
    assert compared(known(before), found, {"city"}).redefinitions == (), "nobody maps it"


def test_options_that_go_are_renamed_or_hidden_are_remembered() -> None:
    before = replace(LIST, options=tuple(PropertyOption(one, one) for one in ("a", "b", "c", "d")))
    options = (PropertyOption("a", "a"), PropertyOption("b", "B"), PropertyOption("c", "c", is_hidden=True))
    found = compared(known(before), known(replace(before, options=options)), MAPPED)
    assert [(one.code, one.option) for one in found.redefinitions] == [
        ("option_relabelled", "b"),
        ("option_hidden", "c"),
        ("option_gone", "d"),
    ]


def test_a_property_that_was_gone_and_is_there_again_was_made_again() -> None:
    gone = compared(known(CITY), known(COUNTRY), MAPPED)
    back = compared(gone, known(CITY, COUNTRY), MAPPED)
    assert [one.code for one in back.redefinitions] == ["made_again"]


@pytest.mark.parametrize("code", ["gone", "made_again", "other_type"])
def test_the_blanks_of_another_property_clear_nothing(code: str) -> None:
    change = Redefinition("city", code)  # type: ignore[arg-type]
    for news, expected in (((change,), []), ((), [("city", "Ulm", None)])):
        mapping = over(CITY, COUNTRY, redefinitions=news)
        incoming = read_incoming({"city": None}, mapping)
        assert (
            pulled_changes(incoming, {"city": "Ulm"}, {"city": "Ulm"}, {"city": "Ulm"}, mapping) == expected
        )


@pytest.mark.parametrize(
    ("code", "field", "is_news"),
    [
        ("PROPERTY_DOESNT_EXIST", "city", True),
        ("READ_ONLY_VALUE", "city", True),
        ("INVALID_OPTION", "city", True),
        ("INVALID_OPTION", "country", False),
        ("INVALID_EMAIL", "city", False),
    ],
)
def test_a_refusal_shows_whether_the_definitions_are_others(code: str, field: str, is_news: bool) -> None:  # noqa: FBT001
    refusal = Refusal(properties=(RefusedProperty(field, code),))
    assert shows_other_definitions(refusal, over(CITY, LIST)) is is_news
