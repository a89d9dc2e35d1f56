"""One page of a deletion: contacts before the companies that they belong to, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import DeletionPlan, Terms, plan_contact, plan_deletion
from webapp.domain.records.fields import ObjectType
from webapp.store.deletion.records import Records
from webapp.store.deletion.sinks import Sink
from webapp.store.runs.entry import Entry
from webapp.store.runs.log import Run


class Deletion(Struct, frozen=True):
    """What applies to a page of a deletion.

    Attributes:
        session: the transaction of the page.
        run: the run in whose log the page stands.
        terms: what becomes of the contacts of companies.
        now: the time of the page.
        sink: carries plans out, or only shows them.
    """

    session: Session
    run: Run
    terms: Terms
    now: datetime
    sink: Sink


def delete_records(deletion: Deletion, object_type: ObjectType, ids: Sequence[int]) -> list[Entry]:
    """Delete records; a company that has contacts left stays, and its entry says so."""
    found, contacts_went = _gathered(deletion, object_type, ids), deletion.terms.contacts != "leave"
    present = {number: deletion.sink.present(found, number, contacts_went=contacts_went) for number in ids}
    plans = {number: plan_deletion(one) for number, one in present.items()}
    entries = _entries(deletion, found, plans)
    deletion.sink.write(found, deletion.run, deletion.now)
    return entries


def delete_contacts(deletion: Deletion, contact_ids: Sequence[int]) -> list[Entry]:
    """Delete the contacts of companies that are to go, or give them to another company."""
    found = _gathered(deletion, "contacts", contact_ids)
    here = [number for number in contact_ids if number in found.records]
    plans = {number: plan_contact(found.present(number), deletion.terms) for number in here}
    entries = _entries(deletion, found, plans)
    moved = [number for number, plan in plans.items() if plan.verb == "move"]
    deletion.sink.write(found, deletion.run, deletion.now, moved=moved, company_id=deletion.terms.company_id)
    return entries


def _gathered(deletion: Deletion, object_type: ObjectType, ids: Sequence[int]) -> Records:
    return deletion.sink.gather(deletion.session, deletion.run.connection_id, object_type, ids)


def _entries(deletion: Deletion, found: Records, plans: dict[int, DeletionPlan]) -> list[Entry]:
    sink, run_id = deletion.sink, deletion.run.id
    return [sink.entry(found, number, plan, run_id) for number, plan in plans.items()]
