"""Pull of one linked record: its object as it is now."""

from datetime import UTC, datetime

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import PullRecordOptions
from webapp.hubspot.client import HubSpotClient
from webapp.store.links import gone
from webapp.store.mapping import mappings
from webapp.store.records import records
from webapp.store.rules import rules
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.usecases.pull.apply import Target, UnknownCompaniesError, apply_page
from webapp.usecases.pull.look import look_at
from webapp.usecases.runs.slices import Lease


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Read the record's object and apply it, or mark it as gone. True: there is nothing more to do."""
    options = lease.options_as(PullRecordOptions)
    kind = options.object_type
    with lease.services.database.reading() as session:
        link = records.link_of(session, lease.connection_id, kind, options.record_id)
    if link is None:
        return True
    target = _target(lease, kind)
    look = look_at(lease.services, client, lease.connection_id, target.mapping, [link.remote_id])
    if look.not_there:
        _mark_gone(lease, kind, look.not_there)
        return True
    try:
        apply_page(target, look.found, _checkpoint(lease), needs_companies=True)
    except UnknownCompaniesError as unknown:
        companies = _target(lease, "companies")
        found = look_at(lease.services, client, lease.connection_id, companies.mapping, unknown.ids).found
        apply_page(companies, found, _checkpoint(lease))
        apply_page(target, look.found, _checkpoint(lease))
    return True


def _target(lease: Lease, kind: ObjectType) -> Target:
    with lease.services.database.reading() as session:
        mapping = mappings.load(session, lease.connection_id, kind)
        rule = rules.load(session, lease.connection_id, kind, "in")
    return Target(
        lease.services,
        lease.run_id,
        lease.fence,
        lease.connection_id,
        mapping=mapping,
        rule=rule,
        is_automatic=lease.options_as(PullRecordOptions).keeps_edits,
        is_preview=lease.is_preview,
    )


def _mark_gone(lease: Lease, kind: ObjectType, remote_ids: list[str]) -> None:
    now = datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        gone.mark(session, run, kind, remote_ids, checkpoint=_checkpoint(lease), now=now)


def _checkpoint(lease: Lease) -> Checkpoint:
    """One look is all there is: nothing says where to go on."""
    return Checkpoint({}, lease.take_usage())
