"""Whichever of two records is here and whichever in HubSpot, they weigh the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import permutations, product
from random import Random
from typing import Any

import pytest

from bench.matching.firms import Firms
from bench.matching.namesakes import Namesakes
from bench.matching.people import People
from bench.matching.register import RegisterPeople
from bench.matching.register_firms import RegisterFirms
from bench.matching.shared import SharedFirms, SharedPeople
from bench.matching.typed import TypedPeople
from bench.matching.varied import VariedPeople
from tests.support.plain.pairs import named
from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.matching.likeness.first_names import first_likeness
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.normal.word_lists import words

Record = dict[str, Any]
Pair = tuple[Record, Record]
# Enough that each kind of error meets each other one. A second goes into making a generator, not its pairs.
_PAIRS = 400
_COUNTED = Frequencies(
    records={"contacts": 90_000, "companies": 90_000},
    counts={
        "contacts.street": {"3/h/aefhn": 400},
        "contacts.name": {"ida zornig": 900, "ida zornik": 6},
        "companies.street": {"3/h/aefhn": 400},
    },
)


def _weighed(
    object_type: ObjectType, one: Record, other: Record, frequencies: Frequencies
) -> tuple[object, ...]:
    score = score_pair(object_type, one, other, frequencies=frequencies)
    return score.kind, sorted(zip(score.evidence, score.weights, strict=True))


def _differing(
    object_type: ObjectType, pairs: Iterable[Pair], frequencies: Frequencies = _COUNTED
) -> list[Pair]:
    return [
        (one, other)
        for one, other in pairs
        if _weighed(object_type, one, other, frequencies) != _weighed(object_type, other, one, frequencies)
    ]


def _made(*makers: Callable[[], Pair], pairs: int = _PAIRS) -> Iterator[Pair]:
    return (make() for _ in range(pairs) for make in makers)


@pytest.mark.parametrize(
    "maker",
    [
        People,
        lambda random: TypedPeople(random, has_sign=True),
        lambda random: RegisterPeople(random, has_sign=True),
        lambda random: VariedPeople(random, has_sign=True),
    ],
    ids=["people", "typed", "register", "varied"],
)
def test_people_weigh_the_same_either_way(maker: Callable[[Random], Any]) -> None:
    makes = maker(Random(91))  # noqa: S311 - repeatable, not secret
    assert _differing("contacts", _made(makes.same, makes.others, pairs=2 * _PAIRS)) == []


@pytest.mark.parametrize("maker", [Firms, RegisterFirms])
def test_companies_weigh_the_same_either_way(maker: Callable[[Random], Any]) -> None:
    makes = maker(Random(93))  # noqa: S311 - repeatable, not secret
    assert _differing("companies", _made(makes.same, makes.others)) == []


def test_who_shares_something_weighs_the_same_either_way() -> None:
    random = Random(94)  # noqa: S311 - repeatable, not secret
    people, firms, namesakes = SharedPeople(random), SharedFirms(random), Namesakes(random)
    assert _differing("contacts", _made(people.others, namesakes.people)) == []
    assert _differing("companies", _made(firms.others, namesakes.firms)) == []


def test_names_of_one_syllable_weigh_the_same_either_way_in_whatever_order_they_stand() -> None:
    random, syllables = Random(95), sorted(words("name_syllables"))  # noqa: S311 - repeatable, not secret
    pairs: list[Pair] = []
    for _ in range(_PAIRS):
        names = random.sample(syllables, 3)
        written = [f"{first}|{last}" for first, last in permutations(names, 2)]
        written += [f"{first} {middle}|{last}" for first, middle, last in permutations(names, 3)]
        shared = random.choice(({}, {"city": "Husum"}, {"phone": "04841 551207"}))
        pairs += [
            (named(one, **shared), named(other, **shared)) for one, other in product(written[:2], written)
        ]
    assert _differing("contacts", pairs) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Of names that are exchanged on one side, either field may hold the slip.
        (named("Anabel|Alcalde"), named("Alcalde|Amabel")),
        (named("Jan|Karlsson"), named("Ksrlsson|Han")),
        (named("cha vu|cham"), named("cham|cheng")),
        # Two halves of a name in different fields, and a blank that is misplaced in exchanged names.
        (named("Anna|", email="a@gmx.de"), named("|Anna", email="b@gmx.de")),
        (named("Annab|e"), named("be|Anna")),
        # A mailbox that is long enough for a slip beside one that is not.
        (named("Richard|West", email="rwest@barnett.com"), named("Richard|West", email="rwst@barnett.com")),
        # One street with a slip is frequent in the book, the other one is not.
        (
            named("Ida|Zornig", street="Hafen 3", city="Kiel"),
            named("Ida|Zornig", street="Haffen 3", city="Kiel"),
        ),
    ],
)
def test_what_is_wrong_on_one_side_weighs_the_same_on_the_other(one: Record, other: Record) -> None:
    home: Record = {"street": "Lindenallee 14", "city": "Husum", "postcode": "25813"}
    assert _differing("contacts", [(one, other), (home | one, home | other)]) == []


def test_a_name_between_two_others_is_found_from_either() -> None:
    for one, other in (("yerk", "yerro"), ("sumair", "sumara"), ("freberic", "frderic")):
        assert first_likeness(one, other) == first_likeness(other, one)
