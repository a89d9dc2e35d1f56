"""Reads and writes the plans of a push's preview, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.push.associations import Companies
from webapp.domain.push.facts import Local
from webapp.domain.push.result import Result
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.models import Company, Contact, Link, PlannedRecord, Run
from webapp.store.database.lists import among
from webapp.store.preview.overlay import PlannedRow, write_records
from webapp.store.push import facts
from webapp.store.push.apply import Batch, log_results
from webapp.store.push.associations import Pair, is_about, is_linked
from webapp.store.push.scope import Scope
from webapp.store.runs.checkpoint import Checkpoint

_LINKED = "linked"


class Planned(Struct, frozen=True):
    """The overlay of a preview: the links that it has planned, over those that are stored."""

    run_id: int

    def is_in_flight(self, _locals: Sequence[Local]) -> bool:
        """A preview sends nothing, and need not wait for anybody."""
        return False

    def owners(
        self, session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
    ) -> dict[str, int]:
        """The records that would have these objects by now."""
        stored = facts.owners(session, connection_id, object_type, remote_ids)
        rows = list(self._rows(session, object_type, PlannedRecord.remote_id, remote_ids))
        deleted = {row.remote_id for row in rows if row.link_state == "gone"}
        planned = {row.remote_id: row.record_id for row in rows if row.link_state != "gone"}
        return {key: record_id for key, record_id in stored.items() if key not in deleted} | planned

    def with_companies(self, session: Session, contacts: Sequence[Local]) -> list[Local]:
        """The contacts with the objects that their companies would have."""
        ids = {local.values.get("company_id") for local in contacts}
        known = [one for one in ids if isinstance(one, int)]
        rows = self._rows(session, "companies", PlannedRecord.record_id, known)
        states = {row.record_id: row for row in rows}
        return [_with_company(local, states.get(local.values.get("company_id"))) for local in contacts]

    def pairs(
        self, session: Session, connection_id: int, scope: Scope, *, after_id: int, limit: int
    ) -> list[Pair]:
        """The next contacts that would be linked, and whose company would be."""
        return pairs(session, connection_id, self.run_id, scope, after_id=after_id, limit=limit)

    def _rows(
        self, session: Session, object_type: ObjectType, column: Any, values: Sequence[Any]
    ) -> Iterable[Any]:
        query = select(PlannedRecord.record_id, PlannedRecord.remote_id, PlannedRecord.link_state).where(
            PlannedRecord.run_id == self.run_id,
            PlannedRecord.object_type == object_type,
            among(session, column, values),
        )
        return session.execute(query).all()


def _with_company(contact: Local, planned: Any) -> Local:
    """The contact with its company's object as planned; one that would be made has no number yet."""
    if planned is None:
        return contact
    remote_id = (planned.remote_id or "new") if planned.link_state == _LINKED else None
    return structs.replace(contact, company_remote_id=remote_id)


def write_planned(
    session: Session, run: Run, batch: Batch, results: Sequence[Result], checkpoint: Checkpoint
) -> None:
    """Write what would become of records: log, counts, and the links that later pages have to see."""
    rows = [
        PlannedRow(result.local.id, result.remote_id, result.link_state, _left_out(result))
        for result in results
        if result.link_state is not None and not _is_there(result)
    ]
    write_records(session, run.id, batch.object_type, rows)
    in_order = sorted(results, key=lambda result: result.local.id)
    log_results(session, run, batch, in_order, checkpoint)


def _left_out(result: Result) -> dict[str, Any]:
    """The fields that HubSpot would refuse, as blank texts."""
    return dict.fromkeys((result.detail or {}).get("refused", ()), "")


def _is_there(result: Result) -> bool:
    link = result.local.link
    return link is not None and (link.state, link.remote_id) == (result.link_state, result.remote_id)


def pairs(
    session: Session, connection_id: int, run_id: int, scope: Scope, *, after_id: int, limit: int
) -> list[Pair]:
    """The next contacts that would be linked and whose company would be, by the contact's number.

    An object that would be made has the company's name as its id; a contact made with its company has it.
    """
    company_link, planned_company = aliased(Link), aliased(PlannedRecord)
    planned_contact, any_link = aliased(PlannedRecord), aliased(Link)
    query = (
        select(
            *(Contact.id, Contact.company_id, Contact.email_key),
            *(Contact.first_name, Contact.last_name, Contact.email, Company.name, Company.domain),
            *(any_link.local_seen, any_link.remote_seen),
            planned_contact.values.label("planned_values"),
            _effective(planned_contact, Link).label("contact_remote_id"),
            _effective(planned_company, company_link).label("company_remote_id"),
        )
        .select_from(Contact)
        .join(Company, Company.id == Contact.company_id)
        .outerjoin(Link, is_linked(Link, connection_id, "contacts", Contact.id))
        .outerjoin(any_link, is_about(any_link, connection_id, "contacts", Contact.id))
        .outerjoin(company_link, is_linked(company_link, connection_id, "companies", Contact.company_id))
        .outerjoin(planned_contact, _is_planned(planned_contact, run_id, "contacts", Contact.id))
        .outerjoin(planned_company, _is_planned(planned_company, run_id, "companies", Contact.company_id))
        .where(
            Contact.id > after_id,
            _is_effective(planned_contact, Link),
            _is_effective(planned_company, company_link),
        )
        .order_by(Contact.id)
        .limit(limit)
    )
    return [_pair(row) for row in session.execute(scope.narrowed(query, "contacts", connection_id))]


def _pair(row: Any) -> Pair:
    named = record_name("companies", {"name": row.name, "domain": row.domain})
    company = row.company_remote_id or named or str(row.company_id)
    has_address = row.email_key and "email" not in (row.planned_values or {})
    person = {"first_name": row.first_name, "last_name": row.last_name, "email": row.email}
    # Made with its address, a contact is made with its company at once.
    is_made_with = row.contact_remote_id is None and has_address
    return Pair(
        contact_id=row.id,
        contact_remote_id=row.contact_remote_id,
        company_id=row.company_id,
        company_remote_id=company,
        link_id=0,
        local_seen=row.local_seen or {},
        remote_seen=row.remote_seen or {},
        name=record_name("contacts", person),
        companies=Companies(company, (company,)) if is_made_with else Companies(),
    )


def _is_planned(planned: Any, run_id: int, object_type: ObjectType, record_id: Any) -> Any:
    return (
        (planned.run_id == run_id) & (planned.object_type == object_type) & (planned.record_id == record_id)
    )


def _effective(planned: Any, link: Any) -> Any:
    return case((planned.record_id.is_not(None), planned.remote_id), else_=link.remote_id)


def _is_effective(planned: Any, link: Any) -> Any:
    """Whether a record would be linked: as was planned, else as it is."""
    return case(
        (planned.record_id.is_not(None), planned.link_state == _LINKED), else_=link.remote_id.is_not(None)
    )
