"""Repeats the write of an undo without the values that HubSpot refused."""

from msgspec import structs

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.outgoing import not_sent
from webapp.domain.push.refusals.leaving_out import split
from webapp.domain.push.refusals.refusal import Refusal
from webapp.domain.runs.outcomes import OPTION_GONE
from webapp.domain.undo.remote import RemoteUndoPlan

REFUSED = "undo_refused_by_hubspot"


def without_refused(plan: RemoteUndoPlan, refusal: Refusal, mapping: Mapping) -> RemoteUndoPlan | None:
    """The plan without the fields that a refusal names; None where it names none of them, or all.

    The link stays, since the object keeps some of what the run had sent.

    Args:
        plan: What was to be put back.
        refusal: Why HubSpot took nothing of it.
        mapping: The mapping in force.
    """
    found = split(plan.changes, refusal, mapping)
    changes = found.kept
    if changes == plan.changes or not changes:
        return None
    if not (found.refused or found.gone):
        return structs.replace(plan, changes=changes)
    detail = plan.detail or {}
    left = [not_sent(name, REFUSED, held) for name, held, _text in found.refused]
    left += [not_sent(name, OPTION_GONE, one) for name, one in found.gone]
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
