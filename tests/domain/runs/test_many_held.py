"""When a run holds so much that its page says so before all else."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.domain.runs.many_held import Held, commonest_evidence, many_held


@pytest.mark.parametrize(
    ("companies", "contacts", "found"),
    [
        ({"held": 5, "created": 95}, {}, None),
        ({"held": 6, "created": 94}, {}, Held(6, 100)),
        ({"created": 100}, {"held": 11, "unchanged": 89}, Held(11, 200)),
        ({}, {}, None),
    ],
)
def test_more_than_one_record_in_twenty_is_much(
    companies: dict[str, int], contacts: dict[str, int], found: Held | None
) -> None:
    counts = {"companies": companies, "contacts": contacts, "associations": {"held": 1000}}
    assert many_held(counts) == found


def test_the_commonest_evidence_is_that_of_the_likeliest_candidates() -> None:
    named = {"candidates": [{"evidence": ["same_name"]}, {"evidence": ["same_phone"]}]}
    phoned = {"candidates": [{"evidence": ["same_name", "same_phone"]}]}
    details: list[dict[str, Any] | None] = [named, phoned, named, None, {"survivor": "9"}, {"candidates": []}]
    assert commonest_evidence(details) == [(("same_name",), 2), (("same_name", "same_phone"), 1)]
