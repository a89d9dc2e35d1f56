"""Namesakes, cell by cell: each of their values the same, missing on one side or both, or another one.

What is *certain* is overwritten without a question. So nothing that speaks against two being one may make
them certain, and where a name is nobody's own, neither may a town, a street without its house, or a postcode
beside different numbers.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from webapp.domain.matching.evidence import Kind
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.fields import ObjectType

Record = dict[str, Any]
Values = tuple[str | None, str | None]
Cell = tuple[str, ...]

_TOWN: dict[str, Values] = {
    "same": ("Berlin", "Berlin"),
    "one": ("Berlin", None),
    "none": (None, None),
    "other": ("Berlin", "Hamburg"),
}
_POSTCODE: dict[str, Values] = {
    "same": ("10115", "10115"),
    "near": ("10115", "10117"),
    "one": ("10115", None),
    "none": (None, None),
    "other": ("10115", "22769"),
}
_STREET: dict[str, Values] = {
    "rare": ("Gürtelmacherweg", "Gürtelmacherweg"),
    "common": ("Hauptstr.", "Hauptstr."),
    "one": ("Hauptstr.", None),
    "none": (None, None),
    "other": ("Gürtelmacherweg", "Lindenallee"),
}
_NUMBER: dict[str, Values] = {
    "same": ("5", "5"),
    "one": ("5", None),
    "none": (None, None),
    "other": ("5", "78"),
}
_PHONE: dict[str, Values] = {
    "same": ("030 39014711", "030 39014711"),
    "one": ("030 39014711", None),
    "none": (None, None),
    "other": ("030 39014711", "030 77105822"),
}
_BIRTHDAY: dict[str, Values] = {
    "same": ("1971-05-02", "1971-05-02"),
    "none": (None, None),
    "other": ("1971-05-02", "1983-11-23"),
}
_AXES = (_TOWN, _POSTCODE, _STREET, _NUMBER, _PHONE, _BIRTHDAY)
_FIELDS = ("city", "postcode", "street", "number", "phone", "custom.birthday")
# What speaks less for one, and what speaks more: by it alone a cell may not become certain.
_LESS = (
    [(axis, "other", more) for axis in range(6) for more in ("none", "one", "same", "near")],
    [(axis, less, "same") for axis in range(6) for less in ("none", "one", "near")],
    [(2, less, more) for less in ("other", "one", "none") for more in ("rare", "common")],
    [(2, "common", "rare")],
)
_NAMES: list[tuple[ObjectType, Record]] = [
    ("contacts", {"first_name": "Peter", "last_name": "Schmidt"}),
    ("contacts", {"first_name": "Peter", "last_name": "Wolf"}),
    ("contacts", {"first_name": "Grzegorz", "last_name": "Brzęczyszczykiewicz"}),
    ("companies", {"name": "Elektro Schmidt"}),
    ("companies", {"name": "Birke Druckwerk"}),
]


def _called(value: Any) -> str:
    return value if isinstance(value, str) else " ".join(value.values())


def _records(name: Record, cell: Cell) -> tuple[Record, Record]:
    made: list[Record] = []
    for side in (0, 1):
        values = {field: axis[step][side] for field, axis, step in zip(_FIELDS, _AXES, cell, strict=True)}
        number = values.pop("number")
        if values["street"] and number:
            values["street"] = f"{values['street']} {number}"
        made.append(name | {field: value for field, value in values.items() if value})
    return made[0], made[1]


def _judged(object_type: ObjectType, name: Record) -> dict[Cell, Kind]:
    cells: dict[Cell, Kind] = {}
    for cell in product(*_AXES):
        has_streets = cell[2] in ("rare", "common", "other")
        if (cell[3] != "none" and not has_streets) or (object_type == "companies" and cell[5] != "none"):
            continue
        cells[cell] = score_pair(object_type, *_records(name, cell)).kind
    return cells


@pytest.mark.parametrize(("object_type", "name"), _NAMES, ids=_called)
def test_nothing_that_speaks_against_it_makes_a_match_certain(object_type: ObjectType, name: Record) -> None:
    cells = _judged(object_type, name)
    wrong = [
        (cell, better)
        for steps in _LESS
        for axis, less, more in steps
        for cell in cells
        if cell[axis] == less and cells[cell] == "certain"
        if cells.get(better := (*cell[:axis], more, *cell[axis + 1 :]), "certain") != "certain"
    ]
    assert wrong == []


@pytest.mark.parametrize(("object_type", "name"), _NAMES[:4], ids=_called)
def test_a_name_that_is_nobodys_own_is_certain_only_beside_a_house_a_number_or_a_birthday(
    object_type: ObjectType, name: Record
) -> None:
    """A postcode alone does for people whose name is not among the most frequent, and whose numbers agree."""
    is_rare = name in ({"first_name": "Peter", "last_name": "Wolf"}, _NAMES[2][1])
    wrong = []
    for cell, kind in _judged(object_type, name).items():
        _town, postcode, street, number, phone, birthday = cell
        is_house = street in ("rare", "common") and number == "same"
        is_street = street in ("rare", "common") and postcode == "same"
        is_area = is_rare and postcode == "same" and street in ("one", "none") and phone != "other"
        has_more = "same" in (phone, birthday) or is_house or is_street or is_area
        if kind == "certain" and not has_more:
            wrong.append(cell)
    assert wrong == []


_HOME: Record = {"city": "Berlin", "postcode": "10115", "street": "Hauptstr. 5"}


@pytest.mark.parametrize(("object_type", "name"), _NAMES, ids=_called)
def test_one_house_and_one_name_are_one(object_type: ObjectType, name: Record) -> None:
    assert score_pair(object_type, name | _HOME, name | _HOME).kind == "certain"
    assert score_pair(object_type, name | _HOME, name | _HOME | {"postcode": ""}).kind == "certain"
    assert score_pair(object_type, name | _HOME, name | _HOME | {"city": ""}).kind == "certain"
