"""What the sync rules admit, and which condition is named when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from webapp.domain.records.fields import Field
from webapp.domain.rules.check import askable, check_conditions
from webapp.domain.rules.rule import EVERYTHING, Condition, Group, Rule, excluded_by, failing_condition, holds
from webapp.domain.rules.unmet import unmet_values
from webapp.errors import Problem
from webapp.text.rules import rule_problem


def test_no_condition_admits_everything() -> None:
    assert failing_condition(EVERYTHING, {}) is None


@pytest.mark.parametrize(
    ("operator", "operand", "value", "expected"),
    [
        ("is", "berlin", " Berlin ", True),
        ("is", "Berlin", None, False),
        ("is", 12, "12", True),
        ("is_not", "Berlin", "Hamburg", True),
        ("is_not", "Berlin", None, True),
        ("any_of", ["Lead", "Customer"], "customer", True),
        ("any_of", ["Lead"], None, False),
        ("any_of", [], "Lead", False),
        ("contains", "verlag", "Nordlicht Verlag GmbH", True),
        ("contains", "verlag", None, False),
        ("starts_with", "nord", "Nordlicht", True),
        ("is_blank", None, "  ", True),
        ("is_blank", None, 0, False),
        ("is_not_blank", None, 0, True),
        ("greater", 10, 11, True),
        ("greater", "10", 9, False),
        ("greater", 10, None, False),
        ("less", 10, 0, True),
        ("less", 10, "many", False),
        ("before", "2026-02-01", "2026-01-31", True),
        ("before", "2026-02-01", "2026-02-01T08:00:00.000Z", False),
        ("before", "2026-02-01", None, False),
        ("after", "2026-02-01", "2026-02-01T23:59:59.000Z", False),
        ("after", "2026-02-01", "2026-02-02", True),
        ("after", "2026-02-01", "", False),
    ],
)
def test_each_operator(operator: Any, operand: Any, value: Any, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert holds(Condition("field", operator, operand), value) is expected


_IN_BERLIN = Condition("city", "is", "Berlin")
_LARGE = Condition("employees", "greater", 100)


def test_joined_by_all_the_first_that_fails_is_named() -> None:
    rule = Rule("all", (_IN_BERLIN, _LARGE))
    assert failing_condition(rule, {"city": "Berlin", "employees": 5}) == _LARGE
    assert failing_condition(rule, {"city": "Bremen", "employees": 5}) == _IN_BERLIN
    assert failing_condition(rule, {"city": "Berlin", "employees": 500}) is None


def test_joined_by_any_one_that_holds_is_enough() -> None:
    rule = Rule("any", (_IN_BERLIN, _LARGE))
    assert failing_condition(rule, {"city": "Bremen", "employees": 500}) is None
    assert failing_condition(rule, {"city": "Bremen", "employees": 5}) == _IN_BERLIN


def test_a_group_counts_as_one_condition_of_its_rule() -> None:
    either = Group("any", (_IN_BERLIN, _LARGE))
    rule = Rule("all", (Condition("name", "is_not_blank"),), (either,))
    assert failing_condition(rule, {"name": "Nord", "city": "Ulm", "employees": 200}) is None
    assert failing_condition(rule, {"name": "Nord", "city": "Ulm", "employees": 5}) == _IN_BERLIN
    assert failing_condition(rule, {"city": "Berlin"}) == Condition("name", "is_not_blank")
    both = Rule("any", (Condition("name", "is", "Süd"),), (Group("all", (_IN_BERLIN, _LARGE)),))
    assert failing_condition(both, {"city": "Berlin", "employees": 101}) is None
    assert failing_condition(both, {"city": "Berlin", "employees": 1}) == Condition("name", "is", "Süd")


def test_what_excludes_a_record_is_told_with_its_value() -> None:
    condition = excluded_by(Rule("all", (_IN_BERLIN,)), {"city": "Ulm"})
    assert condition == {"field": "city", "operator": "is", "value": "Berlin", "actual": "Ulm"}


def _checked(rule: Rule, custom: Sequence[Field]) -> list[Problem]:
    """The problems of a rule about companies."""
    return check_conditions(rule, askable("companies", custom))


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition("colour", "is", "red"), "colour: there is no such field"),
        (Condition("employees", "contains", "1"), "does not fit it. Fitting are is, is not"),
        (Condition("employees", "greater", "many"), "“many” is not a number"),
        (Condition("custom.since", "before", "31.1.2026"), "Write it as 2026-01-31"),
        (Condition("city", "is", "  "), "needs a value"),
        (Condition("city", "any_of", "Ulm"), "needs a list"),
        (Condition("city", "any_of", ["Ulm", None]), "needs a value"),
        (Condition("city", "is_blank", "Ulm"), "takes no value"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(condition: Condition, text: str) -> None:
    custom = (Field("custom.since", "Since", "date"),)
    [problem] = _checked(Rule("any", (), (Group("all", (condition,)),)), custom)
    assert text in rule_problem(problem)


def test_a_rule_that_fits_is_not_refused_and_an_empty_group_is() -> None:
    custom = (Field("custom.since", "Since", "date"),)
    fitting = Rule("all", (_IN_BERLIN, _LARGE, Condition("custom.since", "after", "2026-01-31")))
    assert _checked(fitting, custom) == []
    [empty] = _checked(Rule(groups=(Group(),)), custom)
    assert rule_problem(empty) == "Group 1 is empty: give it a condition, or leave it out."


@pytest.mark.parametrize("text", ["20260131", "2026-W05-6"])
def test_a_day_that_would_not_compare_with_those_kept_is_refused(text: str) -> None:
    rule = Rule("all", (Condition("custom.since", "after", text),))
    since = Field("custom.since", "Since", "date")
    [problem] = _checked(rule, [since])
    assert rule_problem(problem) == f"Since: “{text}” is not a date. Write it as 2026-01-31."


@pytest.mark.parametrize(("text", "shown"), [("1,5", "1,5"), ("1,000", "1,000"), ("٣", "\u2068٣\u2069")])
def test_a_number_that_no_value_could_be_compared_with_is_refused(text: str, shown: str) -> None:
    rule = Rule("all", (Condition("employees", "greater", text),))
    [problem] = _checked(rule, [])
    assert rule_problem(problem) == f"Employees: “{shown}” is not a number. Write it as 1200 or 0.5."


def test_values_that_no_record_has_are_compared_as_rules_compare() -> None:
    known = ["Berlin", "Köln", "Ulm "]

    def unmet(operator: Any, value: Any) -> list[tuple[str, str | None]]:
        return [(one.value, one.near) for one in unmet_values(Condition("city", operator, value), known)]

    assert unmet("is", " BERLIN ") == unmet("is_not", "Ko\u0308ln") == unmet("is", "ulm") == []
    assert unmet("is", "Berln") == [("Berln", "Berlin")]
    assert unmet("any_of", ["Koln", "Ulm", "Aachen"]) == [("Koln", "Köln"), ("Aachen", None)]
    assert unmet("contains", "ERL") == unmet("starts_with", "kö") == []
    assert unmet("starts_with", "erl") == [("erl", None)]
    assert unmet("contains", "Berln") == [("Berln", None)]
