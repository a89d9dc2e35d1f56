"""The undo of an entry here, decided from the run's entry and the record's present values.

An entry of a run that wrote here says of each field what it was and what it became. What the field still
holds is put back; what changed since is left alone and reported. An undo leaves entries of the same kind, so
that it can be reverted like any other run.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field, structs

from webapp.domain.records.merging import put_back
from webapp.domain.records.values import Change, Value, same
from webapp.domain.runs import outcomes

ERASED = "erased"
"""The key in the detail of an entry whose values were erased at the person's own request."""

Verb = Literal["restore", "remove", "deactivate", "revive", "leave"]


class LoggedEntry(Struct, frozen=True):
    """An entry that is to be reverted.

    Attributes:
        changes: `(field, old, new)` each.
        detail: the further `addresses` that came; of an undo's own entry what it took away (`removed`,
            `unlinked`, `deactivated`, `dropped` addresses) or gave back (`relinked`, `activated`); of a
            deletion what it took away (`removed`, `unlinked`); of a change of many records what it turned or
            switched (`activated`, `deactivated`, `sync_stopped`, `sync_resumed`).
    """

    at: datetime
    outcome: str
    changes: Sequence[Change]
    detail: dict[str, Any] = {}


class LinkNow(Struct, frozen=True):
    """The parts of a record's link that an undo needs: when it was made, its object, and its state."""

    remote_id: str
    linked_at: datetime
    state: str = "linked"


class RecordNow(Struct):
    """A record as it is at this moment of the undo; `values` is None where it is not here.

    `has_others` says whether other records belong to it, as contacts do to a company.
    """

    values: dict[str, Value] | None
    is_active: bool = True
    link: LinkNow | None = None
    has_others: bool = False
    addresses: Sequence[str] = ()


class UndoPlan(Struct, kw_only=True):
    """How one record is reverted.

    Attributes:
        verb: `restore` fields; `remove` or `deactivate` the record; `revive` a removed one; `leave` it.
        changes: `(field, present value, value put back)` each.
        is_unlinked: whether the link goes that the reverted run had made.
        is_relinked: whether the link comes back that an undo had taken away.
        is_activated: whether a record becomes active again that an undo had deactivated.
        link_state: the state that the link gets back, where the sync was stopped or resumed.
        dropped_addresses, regained_addresses: further addresses of a contact that go, or come back.
    """

    verb: Verb
    outcome: str
    reason: str | None = None
    changes: list[Change] = field(default_factory=list)
    detail: dict[str, Any] | None = None
    is_unlinked: bool = False
    is_relinked: bool = False
    is_activated: bool = False
    link_state: str | None = None
    dropped_addresses: list[str] = field(default_factory=list)
    regained_addresses: list[str] = field(default_factory=list)


def plan_undo(logged: LoggedEntry, record: RecordNow, *, only_field: str | None = None) -> UndoPlan:
    """Decide how one entry is reverted.

    Args:
        logged: What the run did with the record.
        record: The record now.
        only_field: The field that alone is put back; the link and the record stay as they are.
    """
    if ERASED in logged.detail:
        return UndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason="undo_erased")
    changes = [change for change in logged.changes if only_field in (None, change[0])]
    if record.values is None:
        if "removed" in logged.detail and only_field is None:
            return _plan_for_removed(logged, changes)
        return UndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason="undo_not_here")
    if logged.outcome == outcomes.CREATED and only_field is None:
        return _plan_for_created(changes, record)
    return _plan_for_changed(logged, changes, record, is_whole=only_field is None)


def _plan_for_created(changes: Sequence[Change], record: RecordNow) -> UndoPlan:
    """A record that the run had created: removed as long as nobody has touched it, deactivated otherwise.

    Either way the outcome is that of an update: the log counts by outcome what was done with a record that
    was here, and none stands for removals. The reason tells them apart.
    """
    made = {name: new for name, _old, new in changes}
    values = record.values or {}
    now = {name: value for name, value in values.items() if value is not None}
    is_untouched = now == {name: value for name, value in made.items() if value is not None}
    if is_untouched and not record.has_others and record.is_active:
        return UndoPlan(
            verb="remove",
            outcome=outcomes.UPDATED,
            reason="undone_removed",
            changes=[(name, value, None) for name, value in now.items()],
            is_unlinked=record.link is not None,
        )
    if not record.is_active and record.link is None:
        return UndoPlan(verb="leave", outcome=outcomes.UNCHANGED)
    return UndoPlan(
        verb="deactivate",
        outcome=outcomes.UPDATED,
        reason="undone_deactivated",
        is_unlinked=record.link is not None,
    )


def _plan_for_changed(
    logged: LoggedEntry, changes: Sequence[Change], record: RecordNow, *, is_whole: bool
) -> UndoPlan:
    """The plan for changed fields: each goes back if it still has the run's value."""
    if is_whole and logged.detail.get("activated") and record.is_active:
        return UndoPlan(verb="deactivate", outcome=outcomes.UPDATED, reason="undone_inactive")
    values = record.values or {}
    back = [(name, new, old) for name, old, new in changes if same(values.get(name), new) and old != new]
    left_alone = [
        {"field": name, "reason": "changed_since", "value": values.get(name)}
        for name, old, new in changes
        if not same(values.get(name), new) and not same(values.get(name), old)
    ]
    link = record.link
    # A run links a record in the transaction of its entry, with one time for both; a later link has another.
    has_linked = link is not None and (link.linked_at == logged.at or bool(logged.detail.get("relinked")))
    plan = UndoPlan(
        verb="restore",
        outcome=outcomes.UPDATED,
        changes=back,
        detail={"fields": left_alone} if left_alone else None,
        # A record that was changed since goes on being synced, so its link stays.
        is_unlinked=is_whole and has_linked and not left_alone,
        is_relinked=is_whole and "unlinked" in logged.detail and record.link is None,
        is_activated=is_whole and bool(logged.detail.get("deactivated")) and not record.is_active,
        link_state=_switched_back(logged, link) if is_whole else None,
    )
    if is_whole:
        came, went = logged.detail.get("addresses", ()), logged.detail.get("dropped", ())
        plan.dropped_addresses = [one for one in came if one in record.addresses]
        plan.regained_addresses = [one for one in went if one not in record.addresses]
    has_addresses = bool(plan.dropped_addresses or plan.regained_addresses)
    has_link_news = plan.is_unlinked or plan.is_relinked or plan.link_state is not None
    if back or has_addresses or has_link_news or plan.is_activated:
        plan.reason = "undone_in_part" if left_alone else None
        return plan
    if left_alone:
        return structs.replace(plan, verb="leave", outcome=outcomes.SKIPPED, reason="changed_since")
    return UndoPlan(verb="leave", outcome=outcomes.UNCHANGED)


def _switched_back(logged: LoggedEntry, link: LinkNow | None) -> str | None:
    """The state of a link before its sync was stopped or resumed; None if there is nothing to do."""
    for detail, now, before in (("sync_stopped", "stopped", "linked"), ("sync_resumed", "linked", "stopped")):
        if logged.detail.get(detail) and link is not None and link.state == now:
            return before
    return None


def _plan_for_removed(logged: LoggedEntry, changes: Sequence[Change]) -> UndoPlan:
    """A record that an undo or a deletion had removed: it comes back with the values that the log kept."""
    return UndoPlan(
        verb="revive",
        outcome=outcomes.CREATED,
        reason="undone_revived",
        changes=[(name, None, old) for name, old, _new in changes],
        is_relinked="unlinked" in logged.detail,
    )


def plan_taking_apart(logged: LoggedEntry, record: RecordNow) -> UndoPlan:
    """Decide how an entry of a merge is reverted: the record that went comes back, as a whole.

    Args:
        logged: What the merge did with the record that stayed.
        record: That record now.
    """
    if record.values is None:
        return UndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason="undo_not_here")
    back, left = put_back(logged.changes, record.values)
    fields = [{"field": name, "reason": "changed_since", "value": value} for name, _before, value in left]
    return UndoPlan(
        verb="restore",
        outcome=outcomes.UPDATED,
        reason="taken_apart",
        changes=back,
        detail={"fields": fields} if fields else None,
    )


def without_missing(plan: UndoPlan, missing: Collection[int]) -> UndoPlan:
    """The plan for a contact that cannot return to a company because that no longer exists.

    Args:
        plan: What was planned.
        missing: The companies that are not here.
    """
    if not any(name == "company_id" and old in missing for name, _new, old in plan.changes):
        return plan
    left = {"field": "company_id", "reason": "undo_not_here", "value": None}
    fields = [*((plan.detail or {}).get("fields") or ()), left]
    return structs.replace(
        plan,
        changes=[change for change in plan.changes if change[0] != "company_id"],
        reason="undone_in_part" if plan.outcome == outcomes.UPDATED else plan.reason,
        detail={**(plan.detail or {}), "fields": fields},
    )
