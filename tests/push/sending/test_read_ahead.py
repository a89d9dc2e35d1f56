"""The next page of a push is looked up while the one before it is sent, and nothing depends on that."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest
from sqlalchemy import update

from tests.support.applications.services import current_services, writing
from tests.support.applications.worker_process import wait_until
from tests.support.faults.kills import PowerCutError, finished_in_the_end
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import held, objects, pushed
from webapp.models import Company, ContactAddress
from webapp.usecases.push import page as push_page
from webapp.usecases.push import reading as push_reading
from webapp.usecases.runs import queues, slices

pytestmark = pytest.mark.one_database

_PAGE = 5


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": _PAGE, "contacts": _PAGE})


def _linked(connection_id: int, companies: int) -> None:
    """Companies that both sides have, each edited here since."""
    for number in range(companies):
        make_company(name=f"Firm {number}", domain=f"firm{number}.de", city="Bonn")
    pushed(connection_id)
    with writing() as session:
        session.execute(update(Company).values(city="Ulm"))


def _reads(sandbox: SandboxServer) -> list[dict[str, Any]]:
    return [one for one in sandbox.log() if one["path"].endswith("companies/batch/read")]


def test_the_objects_of_the_next_page_are_read_before_this_one_is_sent(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is killed then has lost nothing but that reading."""
    monkeypatch.setattr(slices, "SLICE_S", 60.0)
    _linked(with_key, 2 * _PAGE)
    before = len(_reads(sandbox))
    run_id = pulling.begun(with_key, "push")

    def send(*_: object) -> bool:
        wait_until(lambda: len(_reads(sandbox)) - before == 2, "both pages are read")
        raise PowerCutError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(push_page, "send", send)
        with pytest.raises(PowerCutError):
            pulling.worked_off(run_id)
    run = finished_in_the_end(pulling.run_of(run_id))
    assert run.counts["companies"] == {"updated": 2 * _PAGE}
    assert {one["city"] for one in objects(sandbox, "companies", "city")} == {"Ulm"}


def test_what_has_been_read_is_sent_by_a_slice_that_is_over(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _linked(with_key, 6 * _PAGE)
    before = len(_reads(sandbox))
    monkeypatch.setattr(slices, "SLICE_S", 0.05)
    monkeypatch.setattr(push_page, "GRACE_S", -1.0)
    run = pushed(with_key)
    assert (run.state, run.counts["companies"]) == ("finished", {"updated": 6 * _PAGE})
    assert len(_reads(sandbox)) - before == 6


def test_what_was_read_of_a_page_is_sent_though_the_slice_is_over(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two batches, of which the first takes the slice to its end: the second is not read again."""
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": 500, "contacts": 500})
    _linked(with_key, 130)
    before = len(_reads(sandbox))
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    monkeypatch.setattr(push_page, "GRACE_S", -1.0)
    run = pushed(with_key)
    assert (run.state, run.counts["companies"]) == ("finished", {"updated": 130})
    assert len(_reads(sandbox)) - before == 2


def test_work_that_waits_for_the_worker_ends_the_slice_before_what_was_read_ahead(
    with_key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _linked(with_key, 2 * _PAGE)
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    real, sizes = push_reading.read_ahead, []

    def reading_within_the_slice(push: Any, *given: Any) -> None:
        """The slice is over once the next page is being read."""
        is_over, push.is_over = push.is_over, lambda: False
        real(push, *given)
        push.is_over = is_over
        queues.enqueue_mail(current_services(), 1)
        sizes.append("companies" in push.ahead)

    monkeypatch.setattr(push_page, "read_ahead", reading_within_the_slice)
    run_id = pulling.begun(with_key, "push")
    pulling.one_slice(run_id)
    run = pulling.run_of(run_id)
    assert sizes == [True]
    assert (run.state, run.counts["companies"]) == ("running", {"updated": _PAGE})
    pulling.worked_off(run_id)
    assert pulling.run_of(run_id).counts["companies"] == {"updated": 2 * _PAGE}


@pytest.mark.every_database
def test_what_the_page_before_has_made_is_found(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second contact has the address of the first as a further one: its object stands in the way."""
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": 1, "contacts": 1})
    firm = make_company()
    make_contact(firm.id, first_name="Ana", email="ana@nordlicht-verlag.de")
    second = make_contact(firm.id, first_name="Anna", email="anna@nordlicht-verlag.de")
    with writing() as session:
        session.add(ContactAddress(contact_id=second.id, email_key="ana@nordlicht-verlag.de"))
    run = pushed(with_key)
    assert (run.state, run.counts["contacts"]) == ("finished", {"created": 1, "held": 1})
    assert [one.reason for one in held()] == ["object_linked"]
    assert objects(sandbox, "contacts", "email") == [{"id": ANY, "email": "ana@nordlicht-verlag.de"}]
