"""HubSpot's answer to what a push is about to send, predicted from its own definitions."""

from collections.abc import Mapping as Values
from datetime import datetime

from msgspec import to_builtins

from webapp.domain.mapping.definitions import Definitions, Property
from webapp.domain.mapping.refusals import refusals
from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.domain.push.holding import hold
from webapp.domain.push.outgoing import as_properties
from webapp.domain.push.plan import Plan, Sendable, Update
from webapp.domain.push.recognition.recognition import has_address
from webapp.domain.push.refusals.refusal import Refusal, RefusedProperty
from webapp.domain.records.keys import email_key

_STAGE = "lifecyclestage"


def foreseen_answer(
    plan: Sendable, policy: PushPolicy, known: Definitions, now: datetime
) -> FoundObject | Refusal:
    """The predicted answer: a refusal, or the object with those changes that HubSpot takes.

    Args:
        plan: An update or a create that was not sent.
        policy: Under what policy it was planned.
        known: HubSpot's definitions as last read; what they do not show is not foreseen.
        now: The time that the answer would bear.
    """
    sent = as_properties(plan.changes, policy.mapping)
    refused = refusals(policy.object_type, sent, known, is_new=plan.remote is None)
    if refused:
        return Refusal(
            foreseen=[to_builtins(one.problem) for one in refused],
            category=refused[0].problem.code,
            property=refused[0].property,
            properties=tuple(RefusedProperty(one.property, one.problem.code) for one in refused),
        )
    before = plan.remote.properties if plan.remote else {}
    answered: dict[str, str | None] = {name: text or None for name, text in sent.items()}
    if _STAGE in sent:
        answered[_STAGE] = _stage_after(before.get(_STAGE), sent[_STAGE], known.by_name.get(_STAGE))
    # What would be made has no number yet.
    return FoundObject(plan.remote.id if plan.remote else "", {**before, **answered}, now, now)


def _stage_after(before: str | None, sent: str, known: Property | None) -> str | None:
    """HubSpot moves a lifecycle stage only forward, in the order of its options; clearing is allowed."""
    order = [option.value for option in known.options] if known else []
    if before in order and sent in order and order.index(sent) < order.index(before):
        return before
    return sent or None


def new_address(plan: Plan, policy: PushPolicy) -> str | None:
    """The e-mail address that an update would give an object, which another one may have already."""
    if policy.object_type != "contacts" or not isinstance(plan, Update):
        return None
    return next((text for name, _prior, text in plan.changes if name == "email" and text), None)


def held_by_address(plan: Plan, having: Values[str, FoundObject], policy: PushPolicy) -> Plan:
    """The plan, or a hold where HubSpot would refuse the update since another object has its new address.

    Args:
        plan: What was planned.
        having: By address, the object that has it.
        policy: The policy in force.
    """
    address = email_key(new_address(plan, policy))
    found = having.get(address) if address else None
    if not isinstance(plan, Update) or found is None or found.id == plan.remote.id:
        return plan
    if not has_address(found.properties, (address,)):
        return plan
    return hold(plan.local, "email_taken_at_hubspot", [found], policy, regained=plan.regained)
