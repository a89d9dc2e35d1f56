"""Frequent values are counted, weigh little, and some values say nothing at all."""

from __future__ import annotations

from random import Random

import pytest

from webapp.domain.matching.counting import FrequentValues
from webapp.domain.matching.evidence import WEIGHTS, weigh
from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.matching.keys import birthday_spellings
from webapp.domain.matching.likeness.whole_names import name_beside
from webapp.domain.matching.mailboxes import is_nobodys
from webapp.domain.matching.traits import names_of

_OF_FIFTY_THOUSAND = {"contacts": 50_000, "companies": 50_000}


def test_of_those_who_bear_a_last_name_one_in_a_hundred_is_taken_to_have_the_first_name_too() -> None:
    counted = Frequencies(records=_OF_FIFTY_THOUSAND, counts={"contacts.last_name": {"zornig": 200}})
    assert counted.rarity(("contacts.last_name", "zornig")) == pytest.approx(0.0)
    assert counted.rarity(("contacts.last_name", "zornug")) == 3.0, "rare names gain so much at most"
    assert counted.rarity(("contacts.name", "ida zornig")) == pytest.approx(1.0)


@pytest.mark.parametrize(("records", "less"), [(0, 0.0), (50_000, -1.0), (150_000, -2.0), (10_000_000, -3.0)])
def test_the_larger_the_book_the_likelier_is_a_stranger(records: int, less: float) -> None:
    assert Frequencies(records={"contacts": records}).size_penalty("contacts") == pytest.approx(less)


def test_of_two_numbers_in_common_the_rare_one_counts_and_of_two_spellings_the_frequent_one() -> None:
    counts = {"contacts.phone": {"431778899": 800}, "contacts.name": {"ida zornig": 800}}
    counted = Frequencies(records=_OF_FIFTY_THOUSAND, counts=counts)
    phones = ("contacts.phone", "431778899"), ("contacts.phone", "431112299")
    names = ("contacts.name", "ida zornig"), ("contacts.name", "ida zornik")
    score = weigh(
        "contacts", ("same_phone", "near_name"), {"same_phone": phones, "near_name": names}, counted
    )
    assert score.weights[0] > WEIGHTS["same_phone"]
    assert score.weights[1] < WEIGHTS["near_name"]


@pytest.mark.parametrize(
    ("address", "is_so"),
    [
        *(("x@x.com", True), ("keine@keine.de", True), ("unbekannt@unbekannt.at", True)),
        *(("ida@ida.de", False), ("nord@nord.de", False)),
    ],
)
def test_who_repeats_a_word_of_nobody_has_no_address(address: str, *, is_so: bool) -> None:
    assert is_nobodys(address) is is_so


@pytest.mark.parametrize(
    ("last_name", "names"),
    [("Ida Zornig", ("ida", "zornig")), ("von der Heide", ("", "von der heide")), ("Zornig", ("", "zornig"))],
)
def test_a_whole_name_in_one_field_is_taken_apart(last_name: str, names: tuple[str, str]) -> None:
    found = names_of({"last_name": last_name})
    assert (found.first, found.last) == names


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        ("19861104/f", ("19861104/f", "19860411/f")),
        ("19861124/f", ("19861124/f",)),
        ("19860404/f", ("19860404/f",)),
    ],
)
def test_a_day_up_to_the_twelfth_may_be_the_month(key: str, spellings: tuple[str, ...]) -> None:
    assert birthday_spellings(key) == spellings


def test_a_date_of_birth_is_looked_up_with_either_initial() -> None:
    assert birthday_spellings("19861124/b", "bz") == ("19861124/b", "19861124/z")
    assert birthday_spellings("19861104/b", "bz") == ("19861104/b", "19860411/b", "19861104/z", "19860411/z")
    assert birthday_spellings("19861124") == ("19861124",)


def test_a_last_name_that_may_be_one_with_slips_is_no_other_one() -> None:
    assert name_beside(None, "same", "unsure") == "unlike_last_name"
    assert name_beside(None, "unsure", "unsure") == "other_last_name"
    assert name_beside("same_birthday", "same", "other") == "married_name"


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
