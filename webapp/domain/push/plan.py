"""What a push does with each record, decided before anything is sent, and what became of it afterwards.

A `Step` is one record on its way: planned, then sent, then settled by what HubSpot answered. Nothing here
asks or writes anything.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from webapp.domain.links.conflicts import as_detail
from webapp.domain.mapping.mapping import KEY_PROPERTY, Mapping
from webapp.domain.matching.free_mail import FREE_MAIL_DOMAINS
from webapp.domain.push.conflicts import leave_later_ones
from webapp.domain.push.likeness import likeness
from webapp.domain.push.outgoing import SentChange, base_after, created_changes, kept_fields, pushed_changes
from webapp.domain.push.step import Local, PushPolicy, Step, Theirs
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import domain_key
from webapp.domain.records.naming import record_name
from webapp.domain.rules.rule import excluded_by, with_company
from webapp.domain.runs import outcomes

# What a link in each of these states makes of its record: the outcome and the reason.
_HELD_BACK = {
    "stopped": (outcomes.SKIPPED, "stopped"),
    "held": (outcomes.HELD, "merged_in_hubspot"),
    "gone": (outcomes.SKIPPED, "gone_in_hubspot"),
    "refused": (outcomes.SKIPPED, "privacy_deleted"),
}
# HubSpot's clock and ours may differ by this much.
_CLOCKS_DIFFER = timedelta(minutes=5)


def first_step(local: Local, policy: PushPolicy) -> Step:
    """Whether a record is pushed at all, and how it begins."""
    if not local.is_active:
        return left(local, outcomes.SKIPPED, "deactivated")
    # What is linked keeps syncing: the rules are asked of new ones alone.
    asked = with_company(policy.rule, local.values, local.company_values)
    excluded = excluded_by(policy.rule, asked) if local.link is None else None
    if excluded is not None and not policy.is_asked_for:
        return left(local, outcomes.SKIPPED, "rule_excluded", excluded)
    step = _first_step_of_admitted(local, policy)
    if excluded is not None and step.verb != "leave":
        step.reason = "outside_rules"
    return step


def _first_step_of_admitted(local: Local, policy: PushPolicy) -> Step:
    state = local.link.state if local.link else None
    if state == "linked":
        return Step(local=local, verb="update")
    held_back = _HELD_BACK.get(state or "")
    if held_back is not None and not (state == "gone" and policy.is_asked_for):
        return left(local, *held_back)
    if state is None and not policy.may_create:
        return left(local, outcomes.SKIPPED, "not_created_by_itself")
    if local.first_id is not None and not local.decision:
        reason = "same_email_here" if policy.object_type == "contacts" else "same_domain_here"
        return left(local, outcomes.HELD, reason, {"record_id": local.first_id})
    return Step(local=local, verb="match")


def left(local: Local, outcome: str, reason: str, detail: dict[str, Any] | None = None) -> Step:
    """A record that is not sent, settled."""
    return Step(local=local, verb="leave", outcome=outcome, reason=reason, detail=detail, is_settled=True)


def matching_key(object_type: ObjectType, email_key: str | None, domain_key: str | None) -> str | None:
    """By what HubSpot is asked for a record; everybody's mail domain says nothing about a company."""
    if object_type == "contacts":
        return email_key
    return None if domain_key in FREE_MAIL_DOMAINS else domain_key


def is_same_company(local: Local, theirs: Theirs) -> bool:
    """Whether a company that a search named is, now that it was read, the one asked for."""
    if local.key is not None:
        others = (theirs.properties.get("hs_additional_domains") or "").split(";")
        return local.key in (domain_key(one) for one in (theirs.properties.get("domain"), *others))
    return _folded(local.values.get("name")) == _folded(theirs.properties.get("name")) != ""


def _folded(value: object) -> str:
    return " ".join(str(value or "").split()).casefold()


def plan_match(
    step: Step,
    hits: Sequence[Theirs],
    owners: dict[str, int],
    apart: frozenset[str],
    policy: PushPolicy,
) -> None:
    """Decide which object an unlinked record is: one, none, or a question for a person.

    Args:
        step: The record's step.
        hits: The objects found by its key.
        owners: The record that each of them is linked to, where it is.
        apart: Objects that a person said it is not.
        policy: The policy in force.
    """
    local = step.local
    decision = local.decision or {}
    hits = list({hit.id: hit for hit in hits}.values())
    free = [hit for hit in hits if owners.get(hit.id, local.id) == local.id]
    open_ones = [hit for hit in free if hit.id not in apart]
    # Who says now that it is this one knows what was said before.
    chosen = [hit for hit in free if decision.get("remote_id") == hit.id]
    marked = [hit for hit in hits if hit.properties.get(KEY_PROPERTY) == local.uuid]
    if marked and not chosen:
        _plan_marked(step, marked[0], owners, policy)
    elif decision.get("verb") == "create" and policy.object_type == "companies":
        plan_create(step, policy)
    elif len(chosen or open_ones) == 1:
        plan_update(step, (chosen or open_ones)[0], policy)
    elif open_ones:
        hold(step, "several_at_hubspot", hits=open_ones, policy=policy)
    elif any(hit.id in owners for hit in hits):
        hold(step, "object_linked", hits=hits, policy=policy, owners=owners)
    elif hits and policy.object_type == "contacts":
        # Kept apart by a person, and yet HubSpot will not take the address twice.
        hold(step, "kept_apart_at_hubspot", hits=hits, policy=policy)
    else:
        plan_create(step, policy)


def _plan_marked(step: Step, marked: Theirs, owners: dict[str, int], policy: PushPolicy) -> None:
    """An object bears the record's own key: no other can be made beside it, and it is not linked blindly."""
    if owners.get(marked.id, step.local.id) != step.local.id:
        hold(step, "object_linked", hits=[marked], policy=policy, owners=owners)
    elif _was_announced(step.local, marked) or _is_still_same(step.local, marked, policy.object_type):
        plan_update(step, marked, policy)
    else:
        hold(step, "key_on_other", hits=[marked], policy=policy)


def _is_still_same(local: Local, marked: Theirs, object_type: ObjectType) -> bool:
    """Whether an object that was this record once still is: by its address or domain, else by its name."""
    if object_type == "companies":
        return is_same_company(local, marked)
    # One with an address was found by it.
    return local.key is not None or _folded(remote_name(object_type, marked)) == _folded(
        record_name(object_type, local.values)
    )


def plan_create(step: Step, policy: PushPolicy) -> None:
    """Make a new object, if that can be done without ever making it twice."""
    if not policy.has_key and not (policy.object_type == "contacts" and step.local.key):
        step.verb, step.outcome, step.reason = "leave", outcomes.SKIPPED, "needs_unique_property"
        step.is_settled = True
        return
    step.verb, step.theirs = "create", None
    step.changes = created_changes(step.local.values, policy.mapping)
    if policy.object_type == "contacts" and not step.local.key:
        step.reason = step.reason or "created_without_match_key"


def plan_update(step: Step, theirs: Theirs, policy: PushPolicy) -> None:
    """Bring an object to our state: it was linked, or is now."""
    local = step.local
    link = local.link if local.link and local.link.state == "linked" else None
    step.theirs = theirs
    step.changes = pushed_changes(
        local.values,
        theirs.properties,
        policy.mapping,
        link,
        is_automatic=policy.is_automatic,
        clears=policy.clears,
    )
    overwritten = leave_later_ones(step, theirs, policy, link) if policy.is_automatic and link else []
    step.regained = _taken_effect(local, theirs, policy.mapping)
    step.verb = "update"
    if link is None:
        is_ours = _was_announced(local, theirs)
        step.outcome = outcomes.CREATED if is_ours else outcomes.UPDATED
        if not is_ours:
            step.reason = step.reason or _reason_of_match(local, theirs)
    elif link.remote_id != theirs.id:
        step.outcome, step.reason = outcomes.UPDATED, "relinked"
    else:
        step.outcome = outcomes.UPDATED if step.changes or step.regained else outcomes.UNCHANGED
    if overwritten:
        step.reason, step.detail = step.reason or "overwritten", as_detail(overwritten)
    if not step.changes:
        settle(step, theirs, policy)


def _taken_effect(local: Local, theirs: Theirs, mapping: Mapping) -> list[SentChange]:
    """Of what no log tells, the changes that HubSpot holds."""
    has = theirs.properties.get
    return [
        change for change in local.unlogged if has(mapping.property_names.get(change[0], "")) == change[2]
    ]


def _reason_of_match(local: Local, theirs: Theirs) -> str:
    if local.decision:
        return "decided_link"
    return "found_by_key" if theirs.properties.get(KEY_PROPERTY) == local.uuid else "matched"


def _was_announced(local: Local, theirs: Theirs) -> bool:
    """Whether the object is one whose creation we announced, and whose answer was lost."""
    is_marked = theirs.properties.get(KEY_PROPERTY) == local.uuid
    return local.announced_at is not None and (is_marked or _was_made_since(local.announced_at, theirs))


def _was_made_since(moment: datetime | None, theirs: Theirs) -> bool:
    return moment is not None and theirs.created_at >= moment - _CLOCKS_DIFFER


def settle(step: Step, answer: Theirs, policy: PushPolicy) -> None:
    """Take HubSpot's answer to what was sent."""
    before = step.theirs.properties if step.theirs else {}
    properties = {**before, **answer.properties}
    sent = step.changes
    kept = kept_fields(sent, answer.properties, policy.mapping) if step.theirs else []
    link = step.local.link
    step.base = base_after(step.local.values, properties, sent, policy.mapping, link)
    if step.verb == "create":
        # A repeated call finds what the first one made.
        is_ours = answer.is_new is not False or _was_made_since(step.local.announced_at, answer)
        step.outcome = outcomes.CREATED if is_ours else outcomes.UPDATED
        step.reason = step.reason if is_ours else "found_by_key"
    elif kept:
        step.changes = [change for change in sent if change[0] not in kept]
        step.detail = {"kept": kept}
        step.reason = step.reason or "kept_by_hubspot"
        if not step.changes and step.outcome == outcomes.UPDATED and link is not None:
            step.outcome, step.reason = outcomes.SKIPPED, "kept_by_hubspot"
    if policy.is_asked_for and step.local.values.get("company_id") and not step.local.company_remote_id:
        step.reason = step.reason or "company_not_linked"
    step.theirs = answer
    step.link_state = "linked"
    step.is_settled = True


def hold(
    step: Step,
    reason: str,
    *,
    hits: Sequence[Theirs],
    policy: PushPolicy,
    owners: dict[str, int] | None = None,
) -> None:
    """Leave a record to a person, with the objects in question."""
    candidates = [
        {
            "remote_id": hit.id,
            "name": remote_name(policy.object_type, hit),
            **likeness(step.local, hit, policy),
        }
        | ({"record_id": owners[hit.id]} if owners and hit.id in owners else {})
        for hit in hits
    ]
    step.verb, step.outcome, step.reason = "leave", outcomes.HELD, reason
    step.detail = {"candidates": candidates}
    step.theirs, step.changes, step.is_settled = None, [], True


def mark_gone(step: Step) -> None:
    """HubSpot has proved that it does not have the object any more."""
    step.verb, step.outcome, step.reason = "leave", outcomes.SKIPPED, "gone_in_hubspot"
    step.link_state, step.is_settled = "gone", True


def fail(step: Step, reason: str, detail: dict[str, Any]) -> None:
    """The record alone could not be pushed."""
    step.verb, step.outcome, step.reason = "leave", outcomes.FAILED, reason
    step.detail, step.changes, step.is_settled = detail, [], True


def remote_name(object_type: ObjectType, theirs: Theirs) -> str:
    """How an object is called, in our words for names."""
    has = theirs.properties.get
    if object_type == "companies":
        return record_name(object_type, {"name": has("name"), "domain": has("domain")})
    values = {"first_name": has("firstname"), "last_name": has("lastname"), "email": has("email")}
    return record_name(object_type, values)
