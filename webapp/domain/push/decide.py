"""Decides what a push does with each record, from both sides' values, before anything is sent."""

from collections.abc import Mapping as Values
from collections.abc import Sequence

from webapp.domain.matching.match import decide
from webapp.domain.push.facts import Found, FoundObject, Local, PushPolicy
from webapp.domain.push.holding import hold, hold_in_question, hold_merged
from webapp.domain.push.outgoing import SentChange, created_changes, withheld
from webapp.domain.push.plan import Create, Fail, Hold, Plan, Skip, Update
from webapp.domain.push.recognition.likeness import weighed
from webapp.domain.push.recognition.recognition import bears_key, is_still_same, was_announced
from webapp.domain.push.refusals.refusal import Refusal
from webapp.domain.push.updating import plan_update
from webapp.domain.rules.rule import excluded_by, with_company
from webapp.domain.runs import outcomes

# The reason for which a link in each of these states keeps its record from being pushed.
_SKIPPED_LINKS = {"stopped": "stopped", "gone": "gone_in_hubspot", "refused": "privacy_deleted"}

Candidates = Values[int, Sequence[FoundObject]]
"""By record, its object where it is linked, else the objects that its key leads to."""


def left_out(local: Local, policy: PushPolicy) -> Hold | Skip | None:
    """Why a record is not pushed, whatever HubSpot holds; None if HubSpot has to be read."""
    if not local.is_active:
        return Skip(local=local, reason="deactivated")
    excluded = _excluded(local, policy)
    if excluded is not None and not policy.is_requested:
        return Skip(local=local, reason="rule_excluded", detail=excluded)
    return None if local.is_linked else _held_back(local, policy)


def _excluded(local: Local, policy: PushPolicy) -> dict[str, object] | None:
    """The condition that excludes a new record; linked records keep syncing whatever the rules say."""
    if local.link is not None:
        return None
    return excluded_by(policy.rule, with_company(policy.rule, local.values, local.company_values))


def _held_back(local: Local, policy: PushPolicy) -> Hold | Skip | None:
    """Why a record without a working link is not pushed."""
    state = local.link.state if local.link else None
    if state == "held":
        return Hold(local=local, reason="merged_in_hubspot")
    if state in _SKIPPED_LINKS and not (state == "gone" and (policy.is_requested or policy.makes_again)):
        return Skip(local=local, reason=_SKIPPED_LINKS[state])
    if state is None and not (policy.may_create or local.is_unsettled):
        return Skip(local=local, reason="not_created_by_itself")
    if local.first_id is not None and not local.decision:
        reason = "same_email_here" if policy.object_type == "contacts" else "same_domain_here"
        return Hold(local=local, reason=reason, detail={"record_id": local.first_id})
    return hold_in_question(local, policy) if local.questions and not local.decision else None


def plan_page(
    locals_: Sequence[Local],
    candidates: Candidates,
    owners: Values[str, int],
    apart: Values[int, frozenset[str]],
    policy: PushPolicy,
) -> list[Plan]:
    """The plan of every record; if two records of the page lead to one object, the first one gets it.

    Args:
        locals_: The records that are not left out.
        candidates: The objects found for each.
        owners: By object, the record that it is linked to.
        apart: By record, the objects that a person has decided it is not.
        policy: The policy in force.
    """
    taken = dict(owners)
    plans: list[Plan] = []
    for local in locals_:
        objects = tuple({one.id: one for one in candidates.get(local.id, ())}.values())
        known = {one.id: taken[one.id] for one in objects if one.id in taken}
        decided = _plan_alone(Found(local, objects, known, apart.get(local.id, frozenset())), policy)
        if isinstance(decided, Update):
            taken[decided.remote.id] = local.id
        plans.append(decided)
    return plans


def _plan_alone(found: Found, policy: PushPolicy) -> Plan:
    try:
        return plan(found, policy)
    except Exception as error:  # noqa: BLE001 - one record's surprise must not stop the others
        return Fail(
            local=found.local, refusal=Refusal(type(error).__name__, reason="unexpected"), error=error
        )


def plan(found: Found, policy: PushPolicy) -> Plan:
    """Decide about a record that is not left out."""
    # Only a push that a person requested comes here with a record that the rules exclude.
    is_outside = policy.is_requested and _excluded(found.local, policy) is not None
    reason = "outside_rules" if is_outside else None
    if found.local.is_linked:
        return _plan_linked(found, policy)
    with_key = next((one for one in found.objects if bears_key(found.local, one)), None)
    if with_key is not None and not _chosen(found):
        return _plan_with_key(found, with_key, policy, reason)
    return _plan_match(found, policy, reason)


def _plan_linked(found: Found, policy: PushPolicy) -> Plan:
    if not found.objects:
        return plan_deleted(found.local)
    remote = found.objects[0]
    if not found.is_free(remote):
        return hold_merged(found.local, remote, found.owners[remote.id])
    return plan_update(found.local, remote, policy)


def plan_deleted(
    local: Local, remote: FoundObject | None = None, *, regained: tuple[SentChange, ...] = ()
) -> Skip:
    """The plan for a record whose object HubSpot has proved to be gone."""
    return Skip(local=local, reason="gone_in_hubspot", remote=remote, link_state="gone", regained=regained)


def _chosen(found: Found) -> list[FoundObject]:
    """The object that a person chose, unless another record has it: a choice outdates "not the same"."""
    return [one for one in found.objects if one.id == found.local.chosen_id and found.is_free(one)]


def _plan_with_key(found: Found, with_key: FoundObject, policy: PushPolicy, reason: str | None) -> Plan:
    """The plan if an object has the record's own key: no other can be created, and none is linked blindly."""
    local = found.local
    if not found.is_free(with_key):
        return hold(local, "object_linked", [with_key], policy, owners=found.owners)
    if was_announced(local, with_key) or is_still_same(local, with_key, policy.object_type):
        return plan_update(local, with_key, policy, reason=reason)
    return hold(local, "key_on_other", [with_key], policy)


def _plan_match(found: Found, policy: PushPolicy, reason: str | None) -> Plan:
    """Decide which object an unlinked record is: one, none, or a question for a person."""
    local = found.local
    has_address_there = policy.object_type == "contacts" and bool(found.objects)
    if (local.decision or {}).get("verb") == "create" and not has_address_there:
        return _plan_create(local, policy, reason)
    if chosen := _chosen(found):
        return plan_update(local, chosen[0], policy, reason=reason)
    open_ones = [one for one in found.objects if found.is_free(one) and one.id not in found.apart]
    if len(announced := [one for one in open_ones if was_announced(local, one)]) == 1:
        return plan_update(local, announced[0], policy, reason=reason)
    scores = {place: weighed(local, one, policy) for place, one in enumerate(open_ones)}
    match = decide({place: score for place, score in scores.items() if score.kind != "none"})
    if match.record_id is not None:
        return plan_update(local, open_ones[match.record_id], policy, reason=reason)
    in_question = [open_ones[one.record_id] for one in match.candidates]
    return _plan_unmatched(found, in_question, policy, reason)


def is_certain(local: Local, remote: FoundObject, policy: PushPolicy) -> bool:
    """Whether an object is certainly the record: by a person's choice, our creation, or its evidence."""
    if remote.id == local.chosen_id or was_announced(local, remote):
        return True
    return weighed(local, remote, policy).kind == "certain"


def _plan_unmatched(
    found: Found, in_question: Sequence[FoundObject], policy: PushPolicy, reason: str | None
) -> Plan:
    """Hold the record for objects that it may be or that prevent its creation; else create a new one."""
    local, is_contact = found.local, policy.object_type == "contacts"
    if in_question:
        several = len(in_question) > 1
        return hold(local, "several_at_hubspot" if several else "doubtful_at_hubspot", in_question, policy)
    if owned := [
        one for one in found.objects if one.id in found.owners and _stands_in_way(one, found, policy)
    ]:
        return hold(local, "object_linked", owned, policy, owners=found.owners)
    if is_contact and (others := [one for one in found.objects if one.id not in found.apart]):
        return hold(local, "doubtful_at_hubspot", others, policy)
    if is_contact and found.objects:
        # Kept apart by a person, and yet HubSpot will not take the address twice.
        return hold(local, "kept_apart_at_hubspot", found.objects, policy)
    return _plan_create(local, policy, reason)


def _stands_in_way(remote: FoundObject, found: Found, policy: PushPolicy) -> bool:
    """Whether no object can be made beside that of another record: it has the address, or looks the same."""
    if policy.object_type == "contacts":
        return True
    return remote.id not in found.apart and weighed(found.local, remote, policy).kind != "none"


def _plan_create(local: Local, policy: PushPolicy, reason: str | None) -> Create | Skip:
    """Create a new object, if it can never be created twice."""
    has_address = policy.object_type == "contacts" and bool(local.key)
    if not policy.has_key and not has_address:
        return Skip(local=local, reason="needs_unique_property")
    is_unfindable = policy.object_type == "contacts" and not has_address
    left = withheld(local.values, policy.mapping, None)
    own_reason = "created_without_match_key" if is_unfindable else outcomes.PROPERTY_UNFIT if left else None
    return Create(
        local=local,
        changes=tuple(created_changes(local.values, policy.mapping)),
        reason=reason or own_reason,
        detail=left,
    )
