"""Which records an action on many means: those ticked in a list, or all that its filter shows."""

from typing import Any, cast

from flask import request
from werkzeug.datastructures import MultiDict

from webapp.domain.runs.options import ListFilter
from webapp.store.records.listing.standing import STANDINGS
from webapp.text.records.lists import STATES
from webapp.web.addresses import row_number
from webapp.web.records.listing.pages import LONGEST_SEARCH


def given() -> MultiDict[str, str]:
    """The values of the form, or of the list's address."""
    return request.form if request.method == "POST" else request.args


def selection() -> dict[str, Any]:
    """The chosen records as fields of options: `records`, `listed`, `newest_id`, and `company_id` too."""
    values = given()
    numbers = (row_number(text) for text in values.getlist("id"))
    ticked = tuple(number for number in numbers if number is not None)
    return {
        "records": None if values.get("which") == "all" else ticked,
        "listed": ListFilter(
            search=values.get("q", "").strip()[:LONGEST_SEARCH],
            state=cast("Any", _one_of("state", tuple(STATES), "active")),
            standing=_one_of("linked", STANDINGS, "any"),
        ),
        "newest_id": row_number(values.get("newest_id", "")) or 0,
        "company_id": row_number(values.get("company_id", "")),
    }


def filter_address(listed: ListFilter) -> dict[str, Any]:
    """A filter as the list's address carries it."""
    values = {
        "q": listed.search,
        "state": "" if listed.state == "active" else listed.state,
        "linked": "" if listed.standing == "any" else listed.standing,
    }
    return {name: text for name, text in values.items() if text}


def _one_of(name: str, known: tuple[str, ...], default: str) -> str:
    value = given().get(name, "")
    return value if value in known else default
