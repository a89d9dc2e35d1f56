"""Repeats a write without the properties that HubSpot refused."""

from msgspec import structs

from webapp.domain.push.facts import PushPolicy
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
    named = {one.name for one in refusal.properties}
    names = policy.mapping.property_names
    changes = tuple(change for change in plan.changes if names.get(change[0]) not in named)
    if len(changes) == len(plan.changes):
        return None
    left_out = [
        RefusedField(name, text, refusal) for name, _prior, text in plan.changes if names.get(name) in named
    ]
    less = structs.replace(plan, changes=changes, refused=(*plan.refused, *left_out))
    return less if _can_go(less, policy) else None


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
