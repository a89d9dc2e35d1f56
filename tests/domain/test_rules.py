"""What the sync rules admit, and which condition is named when they do not."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.domain.rules import EVERYTHING, Condition, Rule, failing_condition, holds


def test_no_condition_admits_everything() -> None:
    assert failing_condition(EVERYTHING, {}) is None


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "expected"),
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
    ],
)
def test_each_operator(operator: Any, wanted: Any, value: Any, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert holds(Condition("field", operator, wanted), value) is expected


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
