"""Answers that are JSON and yet not as they should be: one object of them, or the page as a whole."""

import json
from collections.abc import Callable
from typing import Any, Literal

OddEntry = Literal["number", "date", "shape", "infinite", "near_end", "far_end", "zoneless", "number_id"]
OddPage = Literal["empty_page", "reversed_page", "same_page", "shrunk_total"]
Oddity = OddEntry | OddPage


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


def _empty_page(answer: dict[str, Any]) -> None:
    answer["results"] = []


def _reversed_page(answer: dict[str, Any]) -> None:
    answer["results"] = answer["results"][::-1]


def _same_page(answer: dict[str, Any]) -> None:
    answer["paging"] = {"next": {"after": "1", "link": ""}}


def _shrunk_total(answer: dict[str, Any]) -> None:
    """The count of a search, of another moment than its page."""
    answer["total"] = 0


_WAYS: dict[Oddity, Callable[[dict[str, Any]], None]] = {
    "number": _number,
    "infinite": _infinite,
    "date": _date,
    "shape": _shape,
    "zoneless": _zoneless,
    "number_id": _number_id,
    "near_end": _near_end,
    "far_end": _far_end,
    "empty_page": _empty_page,
    "reversed_page": _reversed_page,
    "same_page": _same_page,
    "shrunk_total": _shrunk_total,
}
