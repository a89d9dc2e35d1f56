"""What an object that was read shows about a write that was announced and never logged (B46)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.support.plain.plain import CONTACTS, READ_AT
from webapp.domain.push.interrupted_writes import AnnouncedWrite, Completion, SeenObject, completions

KEY = "0a5bfa0c-0000-4000-8000-000000000001"
MADE = AnnouncedWrite(
    kind="create",
    id=1,
    run_id=5,
    record_id=3,
    changes=(("first_name", None, "Eva"), ("email", None, "eva@x.de")),
    key=KEY,
    address="eva@x.de",
    announced_at=READ_AT,
)
CHANGED = AnnouncedWrite(
    kind="update",
    id=2,
    run_id=5,
    record_id=3,
    remote_id="7",
    changes=(("city", "Bonn", "Ulm"), ("phone", None, "+49 30 1")),
)
READ = ("firstname", "email", "city", "phone")


def seen(*, age: timedelta = timedelta(0), **properties: str | None) -> SeenObject:
    return SeenObject("7", properties, READ_AT - age)


def found(announced: AnnouncedWrite, one: SeenObject, read: Any = READ) -> list[Completion]:
    return completions([announced], [one], CONTACTS, read)


@pytest.mark.parametrize(
    "one",
    [
        seen(twinbook_id=KEY, age=timedelta(days=1)),
        seen(email="Eva@x.de"),
        seen(email="other@x.de", hs_additional_emails="eva@x.de"),
    ],
    ids=["its key", "its address", "a further address"],
)
def test_an_object_with_the_records_key_or_address_is_what_was_made(one: SeenObject) -> None:
    [completion] = found(MADE, one)
    assert (completion.remote_id, completion.changes) == ("7", MADE.changes)


@pytest.mark.parametrize(
    "one",
    [seen(email="eva@x.de", age=timedelta(hours=1)), seen(email="eva@x.de", twinbook_id="other"), seen()],
    ids=["older", "another record's", "another person"],
)
def test_another_object_leaves_the_announcement_open(one: SeenObject) -> None:
    assert found(MADE, one) == []


def test_a_company_is_known_by_the_key_alone() -> None:
    company = structs.replace(MADE, address=None)
    assert found(company, seen(email="eva@x.de")) == []
    assert len(found(company, seen(twinbook_id=KEY))) == 1


def test_one_field_that_was_taken_shows_the_whole_update() -> None:
    """HubSpot rewrites numbers by its own rules; it takes all of an update or nothing."""
    [completion] = found(CHANGED, seen(city="Ulm", phone="+49301"))
    assert (completion.remote_id, completion.changes) == ("7", CHANGED.changes)


def test_a_field_that_hubspot_kept_is_not_told_of() -> None:
    [completion] = found(CHANGED, seen(city="Ulm", phone=None))
    assert completion.changes == (("city", "Bonn", "Ulm"),)


def test_an_update_of_which_nothing_shows_never_took_effect() -> None:
    """So it is with one that HubSpot refused: nobody tells of it later."""
    assert found(CHANGED, seen(city="Bonn")) == [Completion(CHANGED)]
    assert found(CHANGED, seen(city="Kiel")) == [Completion(CHANGED)]


def test_what_was_not_read_proves_nothing() -> None:
    assert found(CHANGED, seen(city="Bonn"), ("city",)) == []
    assert found(CHANGED, SeenObject("8", {}, READ_AT)) == []


@pytest.mark.parametrize("announced", [MADE, CHANGED], ids=["create", "update"])
def test_a_run_that_is_sending_logs_for_itself(announced: AnnouncedWrite) -> None:
    sending = structs.replace(announced, is_in_flight=True)
    assert found(sending, seen(twinbook_id=KEY, city="Ulm")) == []


def test_what_a_read_from_before_the_write_does_not_show_may_have_followed() -> None:
    announced = structs.replace(CHANGED, generation=4)
    unchanged = seen(city="Bonn")
    assert found(announced, structs.replace(unchanged, generation=3)) == []
    for generation in (4, None):
        assert found(announced, structs.replace(unchanged, generation=generation)) == [Completion(announced)]
