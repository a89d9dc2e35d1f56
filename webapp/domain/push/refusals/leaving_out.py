"""Repeats a write without the properties that HubSpot refused."""

from collections.abc import Sequence

from msgspec import Struct, structs

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.options import without_gone
from webapp.domain.push.facts import PushPolicy
from webapp.domain.push.outgoing import SentChange, not_sent
from webapp.domain.push.plan import Create, Sendable, is_made_by_address
from webapp.domain.push.refusals.refusal import Refusal, RefusedField
from webapp.domain.runs.outcomes import OPTION_GONE, PROPERTY_UNFIT

COMPANY = "company_id"
"""Under this name a contact's company is left out that HubSpot does not have any more."""


def without_refused(plan: Sendable, refusal: Refusal, policy: PushPolicy) -> Sendable | None:
    """The plan without the fields that a refusal names; None if the record cannot be sent without them.

    A contact without its address is made by our own key, which HubSpot does not make twice either; where the
    portal lacks that property it is not made. A linked object of which nothing else is to be changed stays.
    """
    if refusal.may_be_about_company:
        return _without_company(plan, refusal)
    left = split(plan.changes, refusal, policy.mapping)
    if left.kept == list(plan.changes):
        return None
    refused = [RefusedField(name, text, refusal) for name, _prior, text in left.refused]
    less = structs.replace(
        _naming(plan, left, policy.mapping), changes=tuple(left.kept), refused=(*plan.refused, *refused)
    )
    return less if _can_go(less, policy) else None


class Left(Struct, frozen=True):
    """What is left of changes after a refusal.

    Attributes:
        kept: what is sent again.
        refused: the changes that HubSpot refused.
        gone: our options that HubSpot does not offer any more, each with its field; the others are kept.
    """

    kept: list[SentChange]
    refused: list[SentChange]
    gone: list[tuple[str, str]]


def split(changes: Sequence[SentChange], refusal: Refusal, mapping: Mapping) -> Left:
    """The changes to send again, and those that HubSpot refused.

    Several choices are sent again without one that HubSpot offers no more.
    """
    named = {one.name: one for one in refusal.properties}
    left = Left([], [], [])
    for name, prior, text in changes:
        problem = named.get(mapping.property_names.get(name, ""))
        if problem is None:
            left.kept.append((name, prior, text))
        elif (less := without_gone(mapping.definition_of(name), text, problem.message, mapping)) is not None:
            left.kept.append((name, prior, less.text))
            left.gone.extend([(name, less.ours)] if less.ours else [])
        else:
            left.refused.append((name, prior, text))
    return left


def _naming(plan: Sendable, left: Left, mapping: Mapping) -> Sendable:
    """The plan, which names in the log what is gone as if that had been known before."""
    if not left.gone:
        return plan
    detail = plan.detail or {}
    fields = [*detail.get("fields", ()), *(not_sent(name, OPTION_GONE, one) for name, one in left.gone)]
    named = {"property": mapping.property_names[left.gone[0][0]], **detail, "fields": fields}
    return structs.replace(plan, reason=plan.reason or PROPERTY_UNFIT, detail=named)


def _can_go(plan: Sendable, policy: PushPolicy) -> bool:
    if isinstance(plan, Create):
        return bool(plan.changes) and (policy.has_key or is_made_by_address(plan, policy.object_type))
    return bool(plan.changes) or not plan.local.is_linked


def _without_company(plan: Sendable, refusal: Refusal) -> Sendable | None:
    company = plan.local.company_remote_id
    if not isinstance(plan, Create) or company is None or not is_made_by_address(plan, "contacts"):
        return None
    return structs.replace(
        plan,
        local=structs.replace(plan.local, company_remote_id=None),
        refused=(*plan.refused, RefusedField(COMPANY, company, refusal)),
    )
