"""One page of a deletion: contacts before the companies that they belong to, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import DeletionPlan, Terms, plan_contact, plan_deletion
from webapp.domain.records.fields import ObjectType
from webapp.store.deletion import moves
from webapp.store.deletion import records as deletion_records
from webapp.store.deletion.records import Records
from webapp.store.runs.entry import Entry
from webapp.store.runs.log import Run


class Deletion(Struct, frozen=True):
    """What applies to a page of a deletion: its run, the person, the terms, and whether it is a preview."""

    session: Session
    run: Run
    terms: Terms
    now: datetime
    is_preview: bool = False


def delete_records(deletion: Deletion, object_type: ObjectType, ids: Sequence[int]) -> list[Entry]:
    """Delete records; a company that has contacts left stays, and says so."""
    found = _gathered(deletion, object_type, ids)
    entries = [_ended(deletion, found, number, _plan(deletion, found, number)) for number in ids]
    if not deletion.is_preview:
        deletion_records.write(found, deletion.now)
    return entries


def delete_contacts(deletion: Deletion, contact_ids: Sequence[int]) -> list[Entry]:
    """Delete the contacts of companies that are to go, or give them to another company."""
    found = _gathered(deletion, "contacts", contact_ids)
    here = [number for number in contact_ids if number in found.records]
    plans = {number: plan_contact(found.present(number), deletion.terms) for number in here}
    entries = [_ended(deletion, found, number, plan) for number, plan in plans.items()]
    if not deletion.is_preview:
        deletion_records.write(found, deletion.now)
        moved = [number for number, plan in plans.items() if plan.verb == "move"]
        moves.move(found, moved, deletion.terms.company_id, deletion.run, deletion.now)
    return entries


def _gathered(deletion: Deletion, object_type: ObjectType, ids: Sequence[int]) -> Records:
    return deletion_records.gather(
        deletion.session, deletion.run.connection_id, object_type, ids, locks=not deletion.is_preview
    )


def _plan(deletion: Deletion, found: Records, record_id: int) -> DeletionPlan:
    present = found.present(record_id)
    if deletion.is_preview and deletion.terms.contacts != "leave":
        # By the time that the company's turn comes its contacts are gone.
        present = present.without_contacts()
    return plan_deletion(present)


def _ended(deletion: Deletion, found: Records, record_id: int, plan: DeletionPlan) -> Entry:
    if plan.verb == "delete" and not deletion.is_preview:
        return deletion_records.take(found, record_id, plan, deletion.run.id)
    link = found.own_link(record_id)
    return Entry(
        record_id=record_id,
        remote_id=link.remote_id if link is not None else None,
        name=found.name_of(record_id),
        outcome=plan.outcome,
        reason=plan.reason,
        changes=plan.changes or None,
        detail=plan.detail,
    )
