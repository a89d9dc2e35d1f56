"""Two records for the matcher, and what it makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.fields import ObjectType

Record = dict[str, Any]
_FOLDER = Path(__file__).parents[2] / "domain" / "matching" / "pairs"
HOME: Record = {"street": "Lindenallee 14", "city": "Husum", "postcode": "25813"}
PHONE: Record = {"phone": "04841 55 12 07"}
BORN: Record = {"custom.birthday": "1984-02-09"}
SITE: Record = {"city": "Husum", "street": "Kai 1", "phone": "04841 551207"}


def kind(object_type: ObjectType, one: Record, other: Record) -> str:
    """How sure it is, whichever of the two is here: `certain`, `doubtful` or `none`."""
    kinds = {score_pair(object_type, *pair).kind for pair in ((one, other), (other, one))}
    assert len(kinds) == 1, "both sides weigh alike"
    return kinds.pop()


def firms(one: str, other: str, more: Record, further: Record | None = None) -> str:
    """How sure it is of two companies with these names; `more` of both, or `further` of the other."""
    return kind("companies", {"name": one, **more}, {"name": other, **(more if further is None else further)})


def named(first_and_last: str, **more: Any) -> Record:
    """A person by `First|Last`."""
    first, _, last = first_and_last.partition("|")
    return {"first_name": first, "last_name": last, **more}


def people(one: str, other: str, **more: Any) -> str:
    """How sure it is of two people by `First|Last`, with the same values besides."""
    return kind("contacts", named(one, **more), named(other, **more))


def lines(name: str) -> list[list[str]]:
    """The values of each line of a list of pairs."""
    rows = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [[part.strip() for part in row.split(" | ")] for row in rows if row and not row.startswith("#")]
