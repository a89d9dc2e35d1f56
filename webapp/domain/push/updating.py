"""The update of an object to a record's state: what is sent, and how the record ends if HubSpot takes it."""

from typing import Any

from webapp.domain.links.base import COMPANY
from webapp.domain.links.conflicts import as_detail
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.values import same_there
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.outgoing import SentChange, pushed_changes, withheld
from webapp.domain.push.plan import Update
from webapp.domain.push.recognition.conflicts import without_later_ones
from webapp.domain.push.recognition.recognition import bears_key, was_announced
from webapp.domain.runs import outcomes


def plan_update(
    local: Local, remote: FoundObject, policy: PushPolicy, *, reason: str | None = None
) -> Update:
    """Bring an object to our state: it is linked, or will be by this update.

    Args:
        local: The record.
        remote: The object as it was read.
        policy: The policy in force.
        reason: Why the record is pushed at all, where the log has to say so.
    """
    link = local.link if local.is_linked else None
    changes = pushed_changes(
        local.values,
        remote.properties,
        policy.mapping,
        link,
        is_automatic=policy.is_automatic,
        clears=policy.clears,
    )
    detail: dict[str, Any] | None = None
    if policy.is_automatic and link is not None:
        changes, overwritten = without_later_ones(changes, local, remote, policy.mapping, link)
        detail = as_detail(overwritten) if overwritten else None
    regained = taken_effect(local, remote, policy.mapping)
    outcome, own_reason = _end(local, remote, link, has_changes=bool(changes or regained))
    left = withheld(local.values, policy.mapping, link, remote.properties)
    reason = reason or own_reason or ("overwritten" if detail else None)
    unsent = outcomes.PROPERTY_UNFIT if left else "company_not_linked" if _keeps_company(local) else None
    return Update(
        local=local,
        remote=remote,
        # An edit that cannot be sent is not passed over in silence.
        outcome=outcomes.SKIPPED if unsent and outcome == outcomes.UNCHANGED else outcome,
        changes=tuple(changes),
        regained=regained,
        reason=reason or unsent,
        detail={**(detail or {}), **left} if left else detail,
    )


def _keeps_company(local: Local) -> bool:
    """Whether a contact was moved here to a company that has no object to associate it with."""
    seen = local.link.local_seen if local.link is not None else {}
    company_id = local.values.get(COMPANY)
    has_moved = COMPANY in seen and company_id not in (None, seen[COMPANY])
    return has_moved and local.company_remote_id is None


def taken_effect(local: Local, remote: FoundObject, mapping: Mapping) -> tuple[SentChange, ...]:
    """The changes that HubSpot holds and no log entry has."""
    has, names = remote.properties.get, mapping.property_names
    return tuple(
        change
        for change in local.unlogged
        if same_there(change[0], has(names.get(change[0], "")), change[2], mapping)
    )


def _end(
    local: Local, remote: FoundObject, link: LinkFacts | None, *, has_changes: bool
) -> tuple[str, str | None]:
    """The outcome and reason of an update that HubSpot takes."""
    if link is None:
        is_created = was_announced(local, remote) and not local.is_completed
        return (outcomes.CREATED, None) if is_created else (outcomes.UPDATED, _reason_of_match(local, remote))
    if link.remote_id != remote.id:
        return outcomes.UPDATED, "relinked"
    return (outcomes.UPDATED if has_changes else outcomes.UNCHANGED), None


def _reason_of_match(local: Local, remote: FoundObject) -> str:
    if local.decision:
        return "decided_link"
    return "found_by_key" if bears_key(local, remote) else "matched"
