"""The decision of a push whose answer points to another object than the one that was planned."""

from msgspec import structs

from webapp.domain.push.decide import is_certain, plan_deleted
from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.domain.push.holding import hold, hold_merged
from webapp.domain.push.plan import Create, Hold, Plan, Sendable, Update
from webapp.domain.push.recognition.recognition import has_address
from webapp.domain.push.result import Answer, Refusal, Result, conclude
from webapp.domain.push.updating import plan_update


def leads_elsewhere(plan: Sendable, answer: Answer) -> bool:
    """Whether an answer points to another object: one that has the address, or one that took the place."""
    if isinstance(answer, Refusal):
        return answer.is_conflict
    return answer is None and isinstance(plan, Update)


def id_to_read(plan: Sendable, answer: Refusal | None) -> str | None:
    """The object to read: the one in conflict, or the one that the answer left out."""
    if isinstance(answer, Refusal):
        return answer.existing_id
    return plan.remote.id if plan.remote is not None else None


def follow(
    plan: Sendable,
    answer: Refusal | None,
    remote: FoundObject | None,
    owner: int | None,
    policy: PushPolicy,
) -> Plan | Result:
    """Decide again about a record whose answer led to another object.

    Args:
        plan: What was sent.
        answer: The conflict; None where an object to update was missing from the answer.
        remote: The object that was read then, or the survivor of a merge; None where there is none.
        owner: The record that the object is linked to.
        policy: The policy in force.

    Returns:
        A plan, of which an update with changes is to be sent; or the result of a conflict with no object.
    """
    if isinstance(answer, Refusal):
        return _after_conflict(plan, answer, remote, owner, policy)
    if remote is None:
        return plan_deleted(plan.local, plan.remote, regained=plan.regained)
    if owner is not None and owner != plan.local.id:
        return hold_merged(plan.local, remote, owner, regained=plan.regained)
    return _plan_again(_unlogged(plan, remote), remote, policy)


def _unlogged(plan: Sendable, remote: FoundObject) -> Sendable:
    """The plan for an object of which HubSpot's answer was silent: what it holds of the changes, we wrote."""
    if plan.remote is None or plan.remote.id != remote.id:
        return plan
    further = [change for change in plan.changes if change not in plan.local.unlogged]
    local = structs.replace(plan.local, unlogged=(*plan.local.unlogged, *further))
    return structs.replace(plan, local=local)


def _after_conflict(
    plan: Sendable,
    refusal: Refusal,
    remote: FoundObject | None,
    owner: int | None,
    policy: PushPolicy,
) -> Plan | Result:
    """The object in conflict is the record itself, if it has the address of a record to create."""
    if remote is None or (isinstance(plan, Update) and remote.id == plan.remote.id):
        return conclude(plan, refusal, policy)
    question = _question(plan, remote, owner, policy)
    # HubSpot has refused what was announced: whoever writes the same there later is somebody else.
    return structs.replace(question, is_refused=True) if question else _plan_again(plan, remote, policy)


def _question(plan: Sendable, remote: FoundObject, owner: int | None, policy: PushPolicy) -> Hold | None:
    """What a person has to say of the object in conflict, if it is not certain."""
    if isinstance(plan, Update) or not has_address(remote.properties, plan.local.addresses):
        return hold(plan.local, "email_taken_at_hubspot", [remote], policy, regained=plan.regained)
    if owner is not None:
        return hold(plan.local, "object_linked", [remote], policy, owners={remote.id: owner})
    if not is_certain(plan.local, remote, policy):
        return hold(plan.local, "doubtful_at_hubspot", [remote], policy)
    return None


def _plan_again(plan: Sendable, remote: FoundObject, policy: PushPolicy) -> Update:
    """The update of another object; a record to create, or one outside the rules, keeps its reason."""
    is_kept = isinstance(plan, Create) or plan.reason == "outside_rules"
    return plan_update(plan.local, remote, policy, reason=plan.reason if is_kept else None)
