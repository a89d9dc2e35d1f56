"""The contexts under which a slice applies its pages, by object type; decided once, at its top."""

from datetime import timedelta

from webapp.domain.pull.origin import REQUESTED, Automatic, Origin
from webapp.domain.pull.plan import AT_ONCE, Linking
from webapp.domain.records.fields import ObjectType
from webapp.store.connection import connections
from webapp.store.mapping import mappings
from webapp.store.preview.pull import PreviewSink
from webapp.store.pull.context import Context
from webapp.store.pull.sink import RecordSink
from webapp.store.rules import rules
from webapp.store.runs import mass_change as mass_change_counts
from webapp.usecases.mapping import definitions
from webapp.usecases.matching.frozen import frequencies_of
from webapp.usecases.runs.lease import Lease

_RECENT = timedelta(minutes=1)

Contexts = dict[ObjectType, Context]


def contexts_of(lease: Lease, origin: Origin = REQUESTED, *, linking: Linking = AT_ONCE) -> Contexts:
    """Those of the object types that a run is about: of all its fields, or of some."""
    sink = PreviewSink() if lease.is_preview else RecordSink()
    by_count = frequencies_of(lease)
    contexts: Contexts = {}
    _renew_where_blanks_clear(lease)
    with lease.services.database.reading() as session:
        is_first = connections.is_first_pull_ahead(session, lease.connection_id)
        for kind in lease.kinds:
            mapping = mappings.load(session, lease.connection_id, kind)
            contexts[kind] = Context(
                run_id=lease.run_id,
                fence=lease.fence,
                connection_id=lease.connection_id,
                mapping=mapping if lease.fields is None else mapping.narrowed(lease.fields[kind]),
                rule=rules.load(session, lease.connection_id, kind, "in"),
                origin=origin,
                sink=sink,
                frequencies=by_count,
                is_first=is_first,
                linking=linking,
            )
    return contexts


def _renew_where_blanks_clear(lease: Lease) -> None:
    """Where a blank in HubSpot clears a field here, it must not come from a property that is another one."""
    with lease.services.database.reading() as session:
        is_clearing = mappings.is_clearing(session, lease.connection_id)
    if is_clearing:
        definitions.renew(lease.services, lease.connection_id, than=_RECENT)


def automatic_contexts(lease: Lease) -> Contexts:
    """Contexts of a run that no person requested: guarded against mass changes until these are allowed."""
    if lease.is_allowed:
        return contexts_of(lease, Automatic())
    with lease.services.database.reading() as session:
        links = mass_change_counts.count_links(session, lease.connection_id)
    return contexts_of(lease, Automatic(guarded_links=links))
