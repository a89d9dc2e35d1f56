"""Both sides of a sync with what people do on them; each act knows how it is taken back by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import delete

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, change_contact, give_key, pushed, pushed_record
from tests.support.usecases.undoing import pairs_now, portal_now, records_now
from webapp.models import Company, Contact, Run
from webapp.store.push import outbox
from webapp.usecases.reconcile import begin as begin_reconcile

TakeBack = Callable[[], None]

_HERE = {"companies": ("city", "postcode", "phone"), "contacts": ("city", "phone", "job_title")}
_THERE = {"companies": ("city", "zip", "phone"), "contacts": ("city", "phone", "jobtitle")}
_TEXTS = ("Ulm", "Bonn", "Kiel", "17", "+49 30 55", "")
_AT_ONCE = 25


class World:
    """Records: some here, some in HubSpot, most in both once synced."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, seed: int, *, records: int) -> None:
        self.connection_id = connection_id
        self.sandbox = sandbox
        self.random = Random(seed)  # noqa: S311 - repeatable, not secret
        self.made = 0
        sandbox.reset(companies=13 * records // 100, contacts=82 * records // 100, seed=seed)
        give_key(sandbox, connection_id)
        for _ in range(5 * records // 100):
            self.make_here()

    def state(self) -> tuple[Any, ...]:
        """What both sides hold, and which record is which object."""
        return portal_now(self.sandbox), records_now(), pairs_now()

    def edit_here(self) -> TakeBack:
        """Change fields of some records."""
        kind = self.random.choice(("companies", "contacts"))
        rows = self._some(pulling.companies() if kind == "companies" else pulling.contacts())
        change = change_company if kind == "companies" else change_contact
        before = {row.id: {name: getattr(row, name) for name in _HERE[kind]} for row in rows}
        for record_id in before:
            change(record_id, **{name: self._text() or None for name in self._fields(_HERE[kind])})
        with writing() as session:
            outbox.add(session, kind, list(before), datetime.now(UTC))  # type: ignore[arg-type]

        def take_back() -> None:
            for record_id, values in before.items():
                change(record_id, **values)

        return take_back

    def edit_there(self) -> TakeBack:
        """Change properties of some objects."""
        kind = self.random.choice(("companies", "contacts"))
        held = self._some(portal_now(self.sandbox)[kind])
        before = {one["id"]: {name: one.get(name, "") for name in _THERE[kind]} for one in held}
        for number in before:
            self.sandbox.update(kind, number, {name: self._text() for name in self._fields(_THERE[kind])})

        def take_back() -> None:
            for number, values in before.items():
                self.sandbox.update(kind, number, values)

        return take_back

    def move_here(self) -> TakeBack:
        """Give some contacts another company."""
        companies = [company.id for company in pulling.companies() if company.is_active]
        before = {one.id: one.company_id for one in self._some(pulling.contacts())[:5]}
        for record_id in before:
            change_contact(record_id, company_id=self.random.choice(companies))

        def take_back() -> None:
            for record_id, company_id in before.items():
                change_contact(record_id, company_id=company_id)

        return take_back

    def make_here(self) -> TakeBack:
        """Add a company with a contact here."""
        self.made += 1
        company = make_company(name=f"Made {self.made}", domain=f"made{self.made}.de", city=self._text())
        contact = make_contact(company.id, first_name="Ada", email=f"ada@made{self.made}.de")

        def take_back() -> None:
            with writing() as session:
                session.execute(delete(Contact).where(Contact.id == contact.id))
                session.execute(delete(Company).where(Company.id == company.id))

        return take_back

    def make_there(self) -> TakeBack:
        """Add a company with a contact in HubSpot."""
        self.made += 1
        values = {"name": f"Made {self.made}", "domain": f"made{self.made}.de"}
        company = self.sandbox.create("companies", values)["id"]
        values = {"firstname": "Bea", "email": f"bea@made{self.made}.de"}
        contact = self.sandbox.create("contacts", values, [company])["id"]

        def take_back() -> None:
            self.sandbox.archive("contacts", contact)
            self.sandbox.archive("companies", company)

        return take_back

    def pull(self) -> Run:
        """Somebody pulls."""
        return pulling.pulled(self.connection_id)

    def push(self) -> Run:
        """Somebody pushes."""
        return pushed(self.connection_id)

    def push_one(self) -> Run:
        """Somebody pushes a company with its contacts."""
        company = self.random.choice([one for one in pulling.companies() if one.is_active])
        return pushed_record(self.connection_id, "companies", company.id)

    def send_edits(self) -> Run | None:
        """What was edited here goes to HubSpot by itself."""
        bound_jobs().begin_auto_push(self.connection_id)
        found = [run for run in pulling.all_rows(Run) if run.kind == "auto_push" and run.state == "running"]
        return self._of_its_own(found[-1].id) if found else None

    def compare(self) -> Run | None:
        """What changed in HubSpot comes here by itself."""
        if not pulling.connection_of(self.connection_id).first_pull_finished_at:
            return None
        started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
        return self._of_its_own(started.run_id)

    def _of_its_own(self, run_id: int) -> Run:
        """A run worked off; the next one of its kind is another run, as it is in the next hour."""
        run = pulling.worked_off(run_id)
        pulling.change(run_id, created_at=run.created_at - timedelta(hours=1))
        return run

    def _some(self, rows: list[Any]) -> list[Any]:
        return self.random.sample(rows, min(len(rows), self.random.randint(1, _AT_ONCE)))

    def _fields(self, names: tuple[str, ...]) -> list[str]:
        return self.random.sample(names, self.random.randint(1, len(names)))

    def _text(self) -> str:
        return self.random.choice(_TEXTS)
