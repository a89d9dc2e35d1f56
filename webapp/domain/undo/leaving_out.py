"""Repeats the write of an undo without the values that HubSpot refused."""

from collections.abc import Mapping

from msgspec import structs

from webapp.domain.push.refusals.refusal import Refusal
from webapp.domain.undo.remote import RemoteUndoPlan

REFUSED = "undo_refused_by_hubspot"


def without_refused(
    plan: RemoteUndoPlan, refusal: Refusal, property_names: Mapping[str, str]
) -> RemoteUndoPlan | None:
    """The plan without the fields that a refusal names; None where it names none of them, or all.

    The link stays, since the object keeps some of what the run had sent.

    Args:
        plan: What was to be put back.
        refusal: Why HubSpot took nothing of it.
        property_names: Of each field its property.
    """
    named = {one.name for one in refusal.properties}
    refused = [change for change in plan.changes if property_names.get(change[0]) in named]
    changes = [change for change in plan.changes if change not in refused]
    if not (refused and changes):
        return None
    detail = plan.detail or {}
    left = [{"field": name, "reason": REFUSED, "value": held} for name, held, _text in refused]
    errors = [text for text in (detail.get("error"), refusal.message) if text]
    return structs.replace(
        plan,
        changes=changes,
        reason="undone_less_refused",
        is_unlinked=False,
        detail={
            **detail,
            "fields": [*detail.get("fields", ()), *left],
            "error": "; ".join(errors),
            "property": refusal.property,
        },
    )
