"""Writes the plans of one page, with their log entries and the checkpoint, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Values
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.domain.duplicates.pairs import FoundBy, pair_of
from webapp.domain.links.facts import DELETED_HERE, PERSON_ERASED
from webapp.domain.pull.base import base_behind, has_news
from webapp.domain.pull.origin import Automatic
from webapp.domain.pull.plan import Plan, alike_pairs
from webapp.domain.pull.unlinked import UNDECIDED
from webapp.domain.records.fields import FIELD_NAMES, ObjectType
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.domain.records.values import Value
from webapp.domain.runs import outcomes
from webapp.models import ContactAddress, Link, RemoteObject, Run
from webapp.store.database.bulk import insert_missing_rows, insert_rows, replace_rows, update_rows
from webapp.store.database.lists import among
from webapp.store.duplicates import pairs
from webapp.store.links import gone, linked_flags, questions, tombstones, waiting
from webapp.store.links import unchanged as unchanged_links
from webapp.store.links.links import stamp
from webapp.store.pull.context import Page
from webapp.store.pull.own_objects import record_unknown
from webapp.store.push import outbox
from webapp.store.records.records import TABLES
from webapp.store.records.searching import texts
from webapp.store.runs.checkpoint import Checkpoint, write_checkpoint
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import Entry

_ASKING = ("held", UNDECIDED)
"""The states of an object that asks about records here."""

_KEY_COLUMNS: dict[ObjectType, tuple[str, ...]] = {
    "companies": (
        *("name_key", "domain_key", "phone_key", "sort_key"),
        *("place_key", "letters_key", "street_key"),
    ),
    "contacts": (
        *("name_key", "email_key", "phone_key", "sort_key"),
        *("initials_key", "place_key", "letters_key", "street_key"),
        *("house_key", "town_key", "birthday_key"),
    ),
}
_STANDARD: dict[ObjectType, frozenset[str]] = {kind: frozenset(names) for kind, names in FIELD_NAMES.items()}
_NEW_COLUMNS = ("id", "uuid", "is_active", "is_linked", "version", "created_at", "updated_at")
_LINK_COLUMNS = (
    *("remote_id", "state", "local_seen", "remote_seen", "remote_updated_at"),
    *("pulled_at", "last_run_id", "last_outcome", "last_reason", "awaited_company"),
)
_REMOTE_COLUMNS = (
    *("connection_id", "object_type", "remote_id", "display_name", "email_key", "domain_key", "phone_key"),
    *("name_key", "company_remote_id", "properties", "state", "reason", "detail", "decision"),
    *("remote_updated_at", "read_at", "run_id"),
)


def write_page(session: Session, run: Run, page: Page, plans: Sequence[Plan], checkpoint: Checkpoint) -> None:
    """Write everything about a page; `run` comes from `lock_run` in the same transaction."""
    _write_records(session, page, plans, record_unknown(session, page, plans))
    _write_links(session, page, plans)
    _write_addresses(session, page, plans)
    _write_remote_objects(session, page, plans)
    _keep_alike(session, page, plans)
    _forget_merged(session, page, plans)
    _look_again(session, page, plans)
    overtaken = {
        plan.record_id: page.facts.unsent[plan.record_id]
        for plan in plans
        if plan.reason == "overtaken_by_pull" and plan.record_id is not None
    }
    outbox.forget_read(session, page.context.connection_id, page.context.object_type, overtaken)
    outbox.add_edited(
        session, page.context.connection_id, page.context.object_type, _linked_again(plans), page.now
    )
    write_log(session, run, page, plans, checkpoint, entries=map(entry_of, plans))


def _keep_alike(session: Session, page: Page, plans: Sequence[Plan]) -> None:
    """List what looks like a record of another object among the possible duplicates, unless told apart."""
    of_type = page.context.connection_id, page.context.object_type
    pairs.keep_held_apart(session, *of_type, _kept_apart(page, plans))
    alike = [
        pair_of(
            *(one.record_id, one.other_id, one.evidence, one.points),
            strength="certain" if one.is_certain else "doubtful",
        )
        for one in alike_pairs(plans)
    ]
    if alike:
        found_by: FoundBy = "sync" if isinstance(page.context.origin, Automatic) else "pull"
        pairs.add_pairs(session, page.context.object_type, alike, found_by=found_by)


def _kept_apart(page: Page, plans: Sequence[Plan]) -> list[str]:
    """The objects linked by this page that a person has kept apart from other records."""
    apart = page.facts.apart
    return [plan.remote.id for plan in plans if plan.verb in ("create", "update") and plan.remote.id in apart]


def _linked_again(plans: Sequence[Plan]) -> list[int]:
    """The records whose edits could not be sent until now."""
    return [
        plan.record_id
        for plan in plans
        if plan.verb in ("update", "touch") and plan.record_id is not None and _was_idle(plan)
    ]


def _was_idle(plan: Plan) -> bool:
    return bool(plan.kept) if plan.link is None else plan.link.state != "linked"


def write_log(
    session: Session,
    run: Run,
    page: Page,
    plans: Sequence[Plan],
    checkpoint: Checkpoint,
    *,
    entries: Iterable[Entry],
) -> None:
    """Write what the log says of a page, what it adds to the counts, and the checkpoint behind it."""
    object_type = page.context.object_type
    last_seq = write_entries(session, run, page.now, object_type, entries)
    counts = added_up(run.counts, object_type, [plan.outcome for plan in plans])
    write_checkpoint(session, run, checkpoint, page.now, counts=counts, last_seq=last_seq)


def _write_records(session: Session, page: Page, plans: Sequence[Plan], own_keys: dict[str, str]) -> None:
    """Write records; one made of an object that bears a key of ours bears that key again."""
    object_type = page.context.object_type
    fields, keys = FIELD_NAMES[object_type], _KEY_COLUMNS[object_type]
    table: Any = TABLES[object_type].__table__
    # The same of every record that is new in this page: is_active, is_linked, version and the two times.
    begun = (True, linked_flags.is_only_connection(session), 1, page.now, page.now)
    created, updated = [], []
    for plan in plans:
        if plan.verb == "create" and plan.incoming is not None:
            columns = _record_columns(object_type, plan.values, plan.incoming.columns)
            created.append((plan.record_id, own_keys.get(plan.remote.id, ""), *begun, *columns))
        elif plan.changes and plan.record_id is not None:
            values = {**page.facts.records[plan.record_id], **plan.values}
            derived = company_keys(values) if object_type == "companies" else contact_keys(values)
            updated.append((page.now, *_record_columns(object_type, values, derived), plan.record_id))
    shared = ("custom", *fields, *keys)
    insert_rows(session, table, (*_NEW_COLUMNS, *shared), created)
    texts.queue_new(session, object_type, [number for number, *_ in created])
    update_rows(session, table, ("updated_at", *shared), updated, raised="version")


def _record_columns(
    object_type: ObjectType, values: Values[str, Value], derived: Values[str, str | None]
) -> list[Any]:
    """A record's custom fields, its fields and its keys, in the order of their columns."""
    return [
        _custom(object_type, values),
        *map(values.get, FIELD_NAMES[object_type]),
        *map(derived.__getitem__, _KEY_COLUMNS[object_type]),
    ]


def _custom(object_type: ObjectType, values: Values[str, Value]) -> dict[str, Any] | None:
    if values.keys() <= _STANDARD[object_type]:
        return None
    names = values.keys() - _STANDARD[object_type]
    return {name.removeprefix("custom."): values[name] for name in sorted(names)}


def _write_links(session: Session, page: Page, plans: Sequence[Plan]) -> None:
    created, updated, unchanged, held, found = [], [], [], [], []
    connection_id, object_type = page.context.connection_id, page.context.object_type
    for plan in plans:
        if plan.verb in ("create", "update") or (plan.verb == "touch" and _has_news(plan, page)):
            row = _link_row(plan, page)
            if plan.link is None:
                created.append((connection_id, object_type, plan.record_id, page.now, *row))
                found += [plan.record_id] if plan.verb == "update" and plan.record_id else []
            else:
                updated.append((*row, plan.link.id))
        elif plan.verb == "touch" and plan.link is not None:
            unchanged.append(plan.link.id)
        held += [page.facts.links[old].id for old in plan.former_ids]
    table: Any = Link.__table__
    insert_rows(
        session, table, ("connection_id", "object_type", "record_id", "linked_at", *_LINK_COLUMNS), created
    )
    linked_flags.mark_linked(session, object_type, found)
    questions.forget_held(session, connection_id, object_type, found)
    update_rows(session, table, _LINK_COLUMNS, updated)
    unchanged_links.record(
        session, connection_id, object_type, unchanged, run_id=page.context.run_id, now=page.now
    )
    stamp(session, held, state="held", last_outcome=outcomes.HELD, last_reason="merged_in_hubspot")


def _has_news(plan: Plan, page: Page) -> bool:
    """Whether an unchanged record's link has something to remember all the same."""
    return has_news(plan, _before(plan, page), page.context.mapping, page.context.origin)


def _before(plan: Plan, page: Page) -> dict[str, Value]:
    """The record's values before the plan; none of a new one."""
    return page.facts.records.get(plan.record_id or 0, {})


def _link_row(plan: Plan, page: Page) -> tuple[Any, ...]:
    base = base_behind(plan, _before(plan, page), page.context.mapping, page.context.origin)
    # An object of which some fields were read, or are being sent, has not been read as it is now.
    is_part = (page.context.mapping.is_narrowed or plan.in_flight) and plan.link is not None
    read_at = plan.link.remote_updated_at if is_part and plan.link else plan.remote.updated_at
    return (
        *(plan.remote.id, "linked", base.local_seen, base.remote_seen, read_at),
        *(page.now, page.context.run_id, plan.outcome, plan.reason, plan.awaited_company),
    )


def _write_addresses(session: Session, page: Page, plans: Sequence[Plan]) -> None:
    if page.context.object_type != "contacts":
        return
    rows = [
        (plan.record_id, email)
        for plan in plans
        if plan.verb in ("create", "update", "touch") and plan.incoming is not None
        for email in plan.incoming.further_emails
    ]
    table: Any = ContactAddress.__table__
    insert_missing_rows(session, table, ("contact_id", "email_key"), rows)


def _write_remote_objects(session: Session, page: Page, plans: Sequence[Plan]) -> None:
    """Keep what was left unlinked, and forget what is linked now."""
    rows = [_remote_row(plan, page) for plan in plans if plan.state is not None]
    table: Any = RemoteObject.__table__
    replace_rows(session, table, _REMOTE_COLUMNS, ("connection_id", "object_type", "remote_id"), rows)
    of_type = (page.context.connection_id, page.context.object_type)
    moved = [
        old
        for plan in plans
        if plan.reason in (DELETED_HERE, PERSON_ERASED) and plan.state
        for old in plan.remote.merged_ids
    ]
    if moved:
        tombstones.forget(session, *of_type, moved)
    held = {plan.remote.id: _candidate_ids(plan) for plan in plans if plan.state in _ASKING}
    known = [
        plan.remote.id
        for plan in plans
        if plan.verb in ("create", "update") and plan.remote.id in page.facts.seen
    ]
    questions.write(session, *of_type, held, closed=_closed(page, plans))
    if known:
        session.execute(
            delete(RemoteObject)
            .where(
                RemoteObject.connection_id == page.context.connection_id,
                RemoteObject.object_type == page.context.object_type,
                among(session, RemoteObject.remote_id, known),
            )
            .execution_options(synchronize_session=False)
        )


def _forget_merged(session: Session, page: Page, plans: Sequence[Plan]) -> None:
    """Forget what was kept of objects that have become part of others, or of linked records."""
    merged: list[str] = []
    linked: list[str] = []
    for plan in plans:
        if plan.outcome == outcomes.FAILED:
            continue
        is_here = plan.verb in ("create", "update", "touch")
        (linked if is_here else merged).extend(one for one in plan.remote.merged_ids if one != plan.remote.id)
        if is_here and plan.link is not None and plan.link.remote_id != plan.remote.id:
            linked.append(plan.remote.id)
    if merged or linked:
        of_type = (page.context.connection_id, page.context.object_type)
        gone.forget_merged(session, *of_type, merged, linked, now=page.now)


def _candidate_ids(plan: Plan) -> list[int]:
    return [one["record_id"] for one in (plan.detail or {}).get("candidates", ())]


def _closed(page: Page, plans: Sequence[Plan]) -> list[str]:
    """The objects whose questions were open until now, and are not any more."""
    seen = page.facts.seen
    return [
        plan.remote.id
        for plan in plans
        if plan.state not in _ASKING
        and plan.remote.id in seen
        and seen[plan.remote.id].state in questions.UNANSWERED
        and plan.reason != "person_skipped"
    ]


def _look_again(session: Session, page: Page, plans: Sequence[Plan]) -> None:
    """What rested on these records is looked at again: contacts that waited, objects that were held."""
    if page.context.object_type == "companies":
        here = [plan for plan in plans if plan.verb in ("create", "update", "touch")]
        came = [plan.remote.id for plan in here if plan.link is None or plan.link.remote_id != plan.remote.id]
        joined = [old for plan in here for old in plan.remote.merged_ids]
        waiting.company_linked(session, page.context.connection_id, [*came, *joined], page.now)
        outbox.add_contacts_of(session, _with_new_object(plans), page.now)
    moved = [plan.record_id for plan in plans if plan.verb == "update" and plan.record_id is not None]
    questions.ask_again(session, page.context.object_type, moved, page.now)


def _with_new_object(plans: Sequence[Plan]) -> list[int]:
    """The records that had no object until now, or another one."""
    return [
        plan.record_id
        for plan in plans
        if plan.verb in ("update", "touch")
        and plan.record_id is not None
        and (plan.link is None or (plan.link.state, plan.link.remote_id) != ("linked", plan.remote.id))
    ]


def _remote_row(plan: Plan, page: Page) -> tuple[Any, ...]:
    columns = plan.incoming.columns if plan.incoming else {}
    keys = [columns.get(name) for name in ("email_key", "domain_key", "phone_key", "name_key")]
    return (
        *(page.context.connection_id, page.context.object_type, plan.remote.id, plan.name, *keys),
        *(plan.remote.company_id, plan.incoming.raw if plan.incoming else {}, plan.state, plan.reason),
        *(plan.detail, None, plan.remote.updated_at, page.now, page.context.run_id),
    )


def entry_of(plan: Plan) -> Entry:
    """The log entry of a plan."""
    return Entry(
        *(plan.record_id, plan.remote.id, plan.name, plan.outcome, plan.reason),
        *(plan.changes or None, plan.detail),
    )
