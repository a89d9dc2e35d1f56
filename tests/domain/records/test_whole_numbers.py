"""Digits from outside are read as numbers up to a bound, however many there are."""

import pytest

from webapp.domain.pull.reading.parts import number_of
from webapp.domain.reconcile.order import can_go_on
from webapp.domain.records.files.recognition import Known, recognise
from webapp.domain.records.files.rows import Row
from webapp.domain.records.normal.whole_numbers import whole_number
from webapp.domain.records.validate import check
from webapp.domain.webhooks.events import read_events
from webapp.errors import problem

ENDLESS = ("9" * 5_000, "0" * 20 + "9" * 5_000)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("7", 7), ("007", 7), ("0" * 5_000 + "7", 7), ("99", 99), ("100", None), ("", None)]
    + [(text, None) for text in (None, "-1", "+1", "1_0", " 1", "1.0", "\u0663", "\u00b2", *ENDLESS)],
)
def test_a_number_up_to_a_bound(text: str | None, number: int | None) -> None:
    assert whole_number(text, 99) == number


@pytest.mark.parametrize("digits", ENDLESS)
def test_a_search_that_answers_with_endless_digits_leads_nowhere(digits: str) -> None:
    assert not can_go_on(["5", digits], after="3", has_more=True)
    assert number_of(digits) is None


@pytest.mark.parametrize("digits", [*ENDLESS, "\u0663"])
def test_a_row_with_endless_or_foreign_digits_names_no_record(digits: str) -> None:
    row = Row(number=1, record_id=digits, remote_id="", given={}, keys=())
    assert recognise("contacts", row, Known()).errors == {"id": problem("no_record_number")}


@pytest.mark.parametrize("digits", ["9" * 4_500, "-" + "9" * 4_500, "1_0", "9" * 19 + "9"])
def test_a_number_of_ones_own_with_endless_digits_is_refused_by_name(digits: str) -> None:
    checked = check("companies", {"name": "Birke", "custom.rooms": digits}, {"custom.rooms": 3})
    assert checked.errors["custom.rooms"].code == "no_integer"


@pytest.mark.parametrize("number", [10**400, -(10**400), "9" * 5_000])
@pytest.mark.parametrize("name", ["objectId", "portalId", "occurredAt", "propertyValue"])
def test_an_event_with_a_huge_number_leaves_its_neighbours_alone(name: str, number: int | str) -> None:
    event = {
        "subscriptionType": "contact.creation",
        "portalId": 1,
        "objectId": 2,
        "occurredAt": 3,
        "propertyValue": "x",
    }
    read = read_events([{**event, name: number}, {**event, "objectId": 77}])
    assert [one.remote_id for one in read.events][-1] == "77"
