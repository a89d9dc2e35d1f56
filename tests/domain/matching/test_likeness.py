"""How alike names, addresses and telephones are, and what that weighs (B31)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.matching.match import made
from webapp.domain.matching.evidence import EVIDENCE, WEIGHTS, weigh
from webapp.domain.matching.likeness.company_names import company_words, compare_company_names
from webapp.domain.matching.likeness.person_names import first_likeness, last_likeness
from webapp.domain.matching.likeness.places import compare_areas, compare_streets
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.keys import phone_key, plain
from webapp.domain.records.normal.addresses import place


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Björn", "Bjoern", "same"),
        ("Hans-Peter", "Hanspeter", "same"),
        ("Robert", "Bob", "alike"),
        ("Maximilian", "Max", "alike"),
        ("Stefan", "Stephan", "alike"),
        ("Anna Maria", "Maria", "alike"),
        ("Sebastian", "Sebatsian", "near"),
        ("J.", "Jonas", "initial"),
        ("Jan", "Jana", "unsure"),
        ("Mario", "Maria", "unsure"),
        ("Tim", "Tom", "unsure"),
        ("Jonas", "Clara", "other"),
    ],
)
def test_first_names_are_compared_as_people_use_them(one: str, other: str, likeness: str) -> None:
    assert first_likeness(plain(one), plain(other)) == first_likeness(plain(other), plain(one)) == likeness


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Müller", "Mueller", "same"),
        ("von der Leyen", "Leyen", "same"),
        ("Mac Donald", "MacDonald", "same"),
        ("Meyer", "Maier", "alike"),
        ("García López", "Garcia", "alike"),
        ("Wieland", "Weiland", "near"),
        ("Kern", "Klein", "other"),
    ],
)
def test_last_names_are_compared_without_particles_and_spelling(one: str, other: str, likeness: str) -> None:
    assert last_likeness(plain(one), plain(other)) == last_likeness(plain(other), plain(one)) == likeness


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Nordlicht Verlag GmbH", "Verlag Nordlicht", "same"),
        ("Smith & Sons Ltd", "Smith and Sons Limited", "same"),
        ("Nordlicht Verlag", "Nordlihct Verlag", "near"),
        ("Apex Technologies", "Apex Tech", "near"),
        ("Nordlicht Verlag", "Nordlicht", "part"),
        ("International Business Machines", "IBM", "part"),
        ("Nordlicht Holding", "Nordlicht", "division"),
        ("Nordlicht Holding", "Nordlicht Logistik", "branch"),
        ("Store 12", "Store 13", "branch"),
        ("Nordlicht", "Sonnenschein", "other"),
    ],
)
def test_company_names_tell_sisters_from_typing_errors(one: str, other: str, likeness: str) -> None:
    assert compare_company_names(company_words(one), company_words(other)) == likeness


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (("Hafenstraße 1", "Berlin", "10115"), ("Hafenstr. 1", "BERLIN", "10115"), ("same", "same")),
        (("12 Main Street", "Dover", None), ("12 Main St", "Dover", None), ("same", "same")),
        (("Hafenstraße 1", "Berlin", "10115"), ("Hafenstrasse 1", "Berlin", "10151"), ("same", "same")),
        (("Hafenstraße 1", None, "10115"), ("Hafenstraße 1", None, "10151"), ("same", "near")),
        (("Hafenstraße 1", "Berlin", "10115"), ("Ringweg 7", "Berlin", "10115"), ("other", "same")),
        (("Hafenstraße 1", "Berlin", None), (None, None, "10115"), ("missing", "missing")),
        (("Hafenstraße 1", "Berlin", "10115"), ("Hafenstraße 1", "Bremen", "28195"), ("same", "other")),
        ((None, "Berlin", "10115"), (None, "Bremen", "28195"), ("missing", "other")),
    ],
)
def test_addresses_are_compared_as_people_write_them(
    one: tuple[str | None, ...], other: tuple[str | None, ...], likeness: tuple[str, str]
) -> None:
    a, b = place(*one), place(*other)
    assert (compare_streets(a, b), compare_areas(a, b)) == likeness


@pytest.mark.parametrize("phone", ["030 1234567 ext. 12", "030 1234567x12", "030 1234567, Durchwahl 12"])
def test_an_extension_is_no_part_of_the_number(phone: str) -> None:
    assert phone_key(phone) == phone_key("+49 30 1234567")


@pytest.mark.parametrize("near", [name for name in EVIDENCE if name.startswith("near_")])
def test_nothing_near_is_certain_by_itself(near: str) -> None:
    for object_type in ("companies", "contacts"):
        assert weigh(object_type, (near,)).kind == "none"


def test_generated_pairs_are_told_apart() -> None:
    """A small draw of the bench's pairs: what it promises of forty thousand holds for a few hundred."""
    true, false = made(400, seed=11)
    kinds = [score_pair(*pair).kind for pair in true]
    assert kinds.count("none") / len(kinds) < 0.05
    wrong = [pair for pair in false if score_pair(*pair).kind == "certain"]
    assert not wrong


def test_the_table_of_weights_is_that_of_the_code() -> None:
    table = (Path(__file__).resolve().parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| \S+ \| \S+ \| (\S+) \|", table, re.MULTILINE)
    assert dict(rows) == {name: f"{weight:+.1f}" for name, weight in WEIGHTS.items()}
    assert all(0 < signal.u <= 1 and 0 < signal.m <= 1 for signal in EVIDENCE.values())
