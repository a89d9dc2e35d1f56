"""Repeats a write without the properties that HubSpot refused."""

from collections.abc import Sequence

from msgspec import structs

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.options import without_gone
from webapp.domain.push.facts import PushPolicy
from webapp.domain.push.outgoing import SentChange
from webapp.domain.push.plan import Create, Sendable, is_made_by_address
from webapp.domain.push.refusals.refusal import Refusal, RefusedField

COMPANY = "company_id"
"""Under this name a contact's company is left out that HubSpot does not have any more."""


def without_refused(plan: Sendable, refusal: Refusal, policy: PushPolicy) -> Sendable | None:
    """The plan without the fields that a refusal names; None if the record cannot be sent without them.

    A contact without its address is made by our own key, which HubSpot does not make twice either; where the
    portal lacks that property it is not made. A linked object of which nothing else is to be changed stays.
    """
    if refusal.may_be_about_company:
        return _without_company(plan, refusal)
    kept, refused = split(plan.changes, refusal, policy.mapping)
    if kept == list(plan.changes):
        return None
    left_out = [RefusedField(name, text, refusal) for name, _prior, text in refused]
    less = structs.replace(plan, changes=tuple(kept), refused=(*plan.refused, *left_out))
    return less if _can_go(less, policy) else None


def split(
    changes: Sequence[SentChange], refusal: Refusal, mapping: Mapping
) -> tuple[list[SentChange], list[SentChange]]:
    """The changes to send again, and those that HubSpot refused.

    Several choices are sent again without one that HubSpot keeps in its value and offers no more.
    """
    named = {one.name: one for one in refusal.properties}
    kept: list[SentChange] = []
    refused: list[SentChange] = []
    for name, prior, text in changes:
        problem = named.get(mapping.property_names.get(name, ""))
        if problem is None:
            kept.append((name, prior, text))
        elif (less := without_gone(mapping.definition_of(name), text, problem.message, mapping)) is not None:
            kept.append((name, prior, less))
        else:
            refused.append((name, prior, text))
    return kept, refused


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
