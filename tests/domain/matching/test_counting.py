"""Frequent values are found in one go, and in little memory."""

from __future__ import annotations

from random import Random

from webapp.domain.matching.counting import FrequentValues


def test_values_are_counted_and_the_rare_ones_left_out() -> None:
    counting = FrequentValues()
    counting.add(["a", None, "b", "a"])
    counting.add(["a"] * 4 + ["b"] * 3 + ["c"] * 5)
    assert counting.most_frequent() == {"a": 6, "c": 5}


def test_among_very_many_values_the_frequent_ones_are_found_in_little_memory() -> None:
    values = [f"rare {number}" for number in range(20_000)] + ["frequent"] * 400 + ["often"] * 200
    Random(5).shuffle(values)  # noqa: S311 - repeatable, not secret
    counting = FrequentValues(bucket=1_000)
    most_kept = 0
    for first in range(0, len(values), 500):
        counting.add(values[first : first + 500])
        most_kept = max(most_kept, len(counting._counts))
    found = counting.most_frequent()
    assert list(found)[:2] == ["frequent", "often"]
    assert abs(found["frequent"] - 400) <= 21
    assert not [name for name in found if name.startswith("rare")]
    assert most_kept <= 1_500
