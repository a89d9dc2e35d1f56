"""Contacts are sent while new companies are searched for, and none before its company (B10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.applications.services import writing
from tests.support.applications.worker_process import wait_until
from tests.support.faults.kills import PowerCutError, finished_in_the_end
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import PRIMARY, objects, pushed
from webapp.models import Contact, Run
from webapp.usecases.push import page as push_page
from webapp.usecases.push import reading as push_reading
from webapp.usecases.push.finding import company_search
from webapp.usecases.push.sending import send as sending
from webapp.usecases.runs import slices

_EDITED = 4


@pytest.fixture
def book(with_key: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """A linked company with edited contacts, and new companies, each found by a search of its own."""
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": 3, "contacts": 2})
    monkeypatch.setattr(company_search, "LONGEST_VALUES", 20)
    monkeypatch.setattr(slices, "SLICE_S", 60.0)
    old = make_company(name="Old", domain="old-firm.de")
    for number in range(_EDITED):
        make_contact(old.id, first_name="Ana", last_name=f"Old {number}", email=f"ana{number}@old-firm.de")
    pushed(with_key)
    with writing() as session:
        session.execute(update(Contact).values(city="Ulm"))
    for number in range(2):
        new = make_company(name=f"New {number}", domain=f"new-firm-{number}.de")
        make_contact(new.id, first_name="Eva", last_name=f"New {number}", email=f"eva@new-firm-{number}.de")
    return with_key


def _searching_only_after(monkeypatch: pytest.MonkeyPatch, is_time: Callable[[], bool]) -> None:
    real = company_search.search_ids

    def search_ids(*given: Any) -> list[str]:
        wait_until(is_time, "contacts are sent while companies are searched for")
        return real(*given)

    monkeypatch.setattr(company_search, "search_ids", search_ids)


def _sent_contacts(sandbox: SandboxServer, since: int) -> int:
    """In how many calls contacts were changed."""
    return len([one for one in sandbox.log()[since:] if one["path"].endswith("contacts/batch/update")])


def _assert_whole(run: Run, sandbox: SandboxServer) -> None:
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 2, "unchanged": 1})
    assert run.counts["contacts"] == {"created": 2, "updated": _EDITED}
    contacts = objects(sandbox, "contacts", "city", has_primary=True)
    assert len(contacts) == _EDITED + 2
    assert all(one.get(PRIMARY) for one in contacts)
    assert [one.get("city") for one in contacts].count("Ulm") == _EDITED


def test_the_contacts_of_linked_companies_are_sent_while_new_ones_are_searched_for(
    book: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = len(sandbox.log())
    _searching_only_after(monkeypatch, lambda: _sent_contacts(sandbox, since) == _EDITED // 2)
    _assert_whole(pushed(book), sandbox)
    paths = [one["path"] for one in sandbox.log()[since:]]
    made = [n for n, path in enumerate(paths) if path.endswith("companies/batch/upsert")]
    new = [n for n, path in enumerate(paths) if path.endswith("contacts/batch/create")]
    assert max(made) < min(new)


def test_a_push_that_was_killed_among_them_sends_each_contact_once(
    book: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    since, real = len(sandbox.log()), sending.send
    _searching_only_after(monkeypatch, lambda: _sent_contacts(sandbox, since) > 0)
    run_id = pulling.begun(book, "push")

    def send(*given: Any) -> bool:
        if _sent_contacts(sandbox, since):
            raise PowerCutError
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(push_page, "send", send)
        with pytest.raises(PowerCutError):
            pulling.worked_off(run_id)
    stopped = pulling.run_of(run_id)
    assert stopped.checkpoint["phase"] == "companies"
    assert stopped.checkpoint["contacts_after"] > 0
    _assert_whole(finished_in_the_end(stopped), sandbox)
    assert _sent_contacts(sandbox, since) == _EDITED // 2
