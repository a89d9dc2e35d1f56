"""How HubSpot would answer what a push is about to send, as far as its own definitions tell."""

from datetime import datetime

from msgspec import to_builtins

from webapp.domain.mapping.definitions import Definitions, Property
from webapp.domain.mapping.refusals import refusals
from webapp.domain.push.outgoing import SentChange, as_properties
from webapp.domain.push.plan import fail, settle
from webapp.domain.push.step import PushPolicy, Step, Theirs

_STAGE = "lifecyclestage"


def foresee(step: Step, policy: PushPolicy, known: Definitions, now: datetime) -> None:
    """Settle a planned step as HubSpot's answer would: refused, kept in part, or taken as it is sent.

    Args:
        step: An update or a create that was not sent.
        policy: Under what policy it was planned.
        known: HubSpot's definitions as last read; of what they do not tell nothing is foreseen.
        now: The time that the answer would bear.
    """
    sent = as_properties(step.changes, policy.mapping)
    refused = refusals(policy.object_type, sent, known, is_new=step.verb == "create")
    if refused:
        detail = {
            "foreseen": [to_builtins(one.problem) for one in refused],
            "property": refused[0].property,
            "category": refused[0].problem.code,
            "sent": {name: text for name, _prior, text in step.changes},
        }
        fail(step, "refused_by_hubspot", detail)
        return
    before = step.theirs.properties if step.theirs else {}
    answered: dict[str, str | None] = {name: text or None for name, text in sent.items()}
    if _STAGE in sent:
        answered[_STAGE] = _stage_after(before.get(_STAGE), sent[_STAGE], known.by_name.get(_STAGE))
    remote_id = step.theirs.id if step.theirs else ""
    settle(step, Theirs(remote_id, {**before, **answered}, now, now), policy)


def _stage_after(before: str | None, sent: str, known: Property | None) -> str | None:
    """HubSpot moves a lifecycle stage forward alone, in the order of its options; clearing is allowed."""
    order = [option.value for option in known.options] if known else []
    if before in order and sent in order and order.index(sent) < order.index(before):
        return before
    return sent or None


def new_address(step: Step, policy: PushPolicy) -> str | None:
    """The e-mail address that an update would give an object, which another one may have already."""
    if policy.object_type != "contacts" or step.verb != "update":
        return None
    changes: list[SentChange] = [change for change in step.changes if change[0] == "email" and change[2]]
    return changes[0][2] if changes else None
