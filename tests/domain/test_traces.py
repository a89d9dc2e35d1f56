"""What of a person is found in data about others, and what stays of it."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.domain.privacy.person import Identity, Person, address_digest, read_identity
from webapp.domain.privacy.traces import NAMING, mentions, without_person
from webapp.domain.undo.apart import AGAIN, APART

EVA = Person(record_ids=(7,), objects=((1, "601"),), addresses=("eva@nord.de", "e.roth+x@nord.de"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("eva@nord.de", "(erased)"),
        ("Ask EVA@Nord.de, please.", "Ask (erased), please."),
        ("mailto:eva@nord.de.", "mailto:(erased)."),
        ("e.roth+x@nord.de;eva@nord.de", "(erased);(erased)"),
        ("steva@nord.de", "steva@nord.de"),
        ("x.eva@nord.de", "x.eva@nord.de"),
        ("eva@nord.de.example", "eva@nord.de.example"),
        ("eva@nord.dental", "eva@nord.dental"),
        ("evaXnord.de", "evaXnord.de"),
        ("", ""),
    ],
)
def test_addresses_are_taken_out_as_a_whole(text: str, left: str) -> None:
    assert without_person(text, EVA, None) == left
    assert mentions(text, EVA) == (text != left)


@pytest.mark.parametrize(
    ("data", "object_type", "left"),
    [
        (
            {"candidates": [{"remote_id": "601", "name": "Eva", "points": 9, "properties": {"city": "Ulm"}}]},
            "contacts",
            {"candidates": [{"remote_id": "601", "name": "(erased)", "points": 9, "properties": {}}]},
        ),
        ({"record_id": 7, "name": "Eva"}, "contacts", {"record_id": 7, "name": "(erased)"}),
        ({"record_id": 7, "name": "Nord AG"}, "companies", {"record_id": 7, "name": "Nord AG"}),
        ({"record_id": 8, "name": "Max"}, "contacts", {"record_id": 8, "name": "Max"}),
        (
            [{"object_type": "contacts", "record_id": 7, "changes": [["city", "Ulm", "Bonn"]]}],
            None,
            [{"object_type": "contacts", "record_id": 7, "changes": []}],
        ),
        (
            {"apart_from": 7, "resembles": "Eva", "evidence": ["same_name"]},
            "contacts",
            {"apart_from": 7, "resembles": "(erased)", "evidence": ["same_name"]},
        ),
        ({"asked_again": 7, "resembles": "Eva"}, "contacts", {"asked_again": 7, "resembles": "(erased)"}),
        (
            {"merged": 7, "merged_name": "Eva", "before": {"601": {"city": "Ulm"}, "602": {"city": "Bonn"}}},
            "contacts",
            {"merged": 7, "merged_name": "(erased)", "before": {"601": {}, "602": {"city": "Bonn"}}},
        ),
        ({"merged": 8, "merged_name": "Max"}, "contacts", {"merged": 8, "merged_name": "Max"}),
        ({"eva@nord.de": 3}, None, {"(erased)": 3}),
        ([["email", "eva@nord.de", None]], "contacts", [["email", "(erased)", None]]),
        (None, "contacts", None),
        (7, "contacts", 7),
    ],
)
def test_data_that_names_them_keeps_the_number_alone(data: Any, object_type: str | None, left: Any) -> None:
    assert without_person(data, EVA, object_type) == left


def test_a_pair_names_its_other_record_under_a_key_that_an_erasure_knows() -> None:
    assert {APART, AGAIN} <= set(NAMING)


def test_somebody_without_an_address_of_their_own_is_in_no_text() -> None:
    assert without_person("eva@nord.de", Person(record_ids=(7,)), None) == "eva@nord.de"


@pytest.mark.parametrize(
    ("typed", "identity"),
    [
        (" Eva@Nord.DE ", Identity(address="eva@nord.de")),
        ("17", Identity(record_id=17)),
        ("contacts/17", Identity(record_id=17)),
        ("2147483647", Identity(record_id=2147483647)),
        ("2147483648", None),
        ("9" * 40, None),
        ("17.5", None),
        ("Eva", None),
        ("", None),
    ],
)
def test_somebody_is_asked_for_by_address_or_number(typed: str, identity: Identity | None) -> None:
    assert read_identity(typed) == identity


def test_a_mark_says_nothing_without_its_key() -> None:
    digest = address_digest("key", "eva@nord.de")
    assert digest == address_digest("key", "eva@nord.de")
    assert digest not in (address_digest("other", "eva@nord.de"), address_digest("key", "max@nord.de"))
