"""Answers that are JSON and yet not as they should be: one object, the page, or definitions of properties."""

import json
from collections.abc import Callable
from typing import Any, Literal

OddEntry = Literal[
    "number", "date", "shape", "infinite", "near_end", "far_end", "zoneless", "number_id", "unassociated"
]
OddPage = Literal["empty_page", "empty_end", "reversed_page", "same_page", "shrunk_total"]
OddDefinition = Literal["null_definitions", "odd_definitions", "odd_options"]
Oddity = OddEntry | OddPage | OddDefinition


def made_odd(body: bytes, oddity: Oddity) -> bytes:
    """An answer made odd: its first object, or the page of them; one that has no objects stays as it is."""
    answer = json.loads(body) if body else None
    if isinstance(answer, dict) and "properties" in answer:
        _WAYS[oddity]({"results": [answer]})
    elif isinstance(answer, dict) and answer.get("results"):
        _WAYS[oddity](answer)
    # An infinite number is written as a JSON number too large for any machine.
    return json.dumps(answer).replace('"~1e999"', "1e999").encode()


def _number(answer: dict[str, Any]) -> None:
    properties = answer["results"][0]["properties"]
    properties[min(properties)] = 12.5


def _infinite(answer: dict[str, Any]) -> None:
    properties = answer["results"][0]["properties"]
    properties[min(properties)] = "~1e999"


def _date(answer: dict[str, Any]) -> None:
    answer["results"][0]["createdAt"] = "yesterday"


def _zoneless(answer: dict[str, Any]) -> None:
    answer["results"][0]["updatedAt"] = "2026-11-01T12:00:00"


def _number_id(answer: dict[str, Any]) -> None:
    """All ids, and the cursor where it is a number."""
    for one in answer["results"]:
        one["id"] = int(one["id"])
    following = answer.get("paging", {}).get("next", {})
    if str(following.get("after", "")).isdecimal():
        following["after"] = int(following["after"])


def _shape(answer: dict[str, Any]) -> None:
    answer["results"][0]["properties"] = ["name", "Acme"]


def _near_end(answer: dict[str, Any]) -> None:
    answer["results"][0]["from"] = 12.5


def _far_end(answer: dict[str, Any]) -> None:
    answer["results"][0]["to"] = 12.5


def _unassociated(answer: dict[str, Any]) -> None:
    """All of its objects come as if they had no associations."""
    for one in answer["results"]:
        one.pop("associations", None)


def _empty_page(answer: dict[str, Any]) -> None:
    answer["results"] = []


def _empty_end(answer: dict[str, Any]) -> None:
    answer["results"] = []
    answer.pop("paging", None)


def _reversed_page(answer: dict[str, Any]) -> None:
    answer["results"] = answer["results"][::-1]


def _same_page(answer: dict[str, Any]) -> None:
    answer["paging"] = {"next": {"after": "1", "link": ""}}


def _shrunk_total(answer: dict[str, Any]) -> None:
    """The count of a search, of another moment than its page."""
    answer["total"] = 0


def _null_definitions(answer: dict[str, Any]) -> None:
    for one in answer["results"]:
        one.update(label=None, groupName=None, hidden=None, options=one.get("options") or None)


def _odd_definitions(answer: dict[str, Any]) -> None:
    """Those of properties that people have made."""
    for one in answer["results"]:
        if not one.get("hubspotDefined"):
            one["createdAt"] = 5


def _odd_options(answer: dict[str, Any]) -> None:
    """The first option of each property."""
    for one in answer["results"]:
        if one.get("options"):
            one["options"][0]["value"] = ["odd"]


_WAYS: dict[Oddity, Callable[[dict[str, Any]], None]] = {
    "number": _number,
    "infinite": _infinite,
    "date": _date,
    "shape": _shape,
    "zoneless": _zoneless,
    "number_id": _number_id,
    "near_end": _near_end,
    "far_end": _far_end,
    "unassociated": _unassociated,
    "empty_page": _empty_page,
    "empty_end": _empty_end,
    "reversed_page": _reversed_page,
    "same_page": _same_page,
    "shrunk_total": _shrunk_total,
    "null_definitions": _null_definitions,
    "odd_definitions": _odd_definitions,
    "odd_options": _odd_options,
}
