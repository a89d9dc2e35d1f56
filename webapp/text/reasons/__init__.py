"""Why a record ended in a run as it did: what stands under its badge, and what a person can do about it."""

from functools import reduce
from operator import or_

from webapp.text.reasons import changes, conflicts, duplicates, failing, pull, push, undo
from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table, gettext, mark

__all__ = ["GROUPS", "REASONS", "Reason", "explained", "reason"]

GROUPS: tuple[tuple[str, Table[str, Reason]], ...] = (
    (mark("It was linked to what was there already"), pull.LINKED),
    (mark("It was left out"), pull.LEFT_OUT),
    (mark("A pull left it to a person"), pull.HELD),
    (mark("Possible duplicates were merged"), duplicates.MERGED),
    (mark("One field was left as it is; the rest came in"), pull.FIELD_LEFT_ALONE),
    (mark("Both sides had changed it"), conflicts.BOTH_CHANGED),
    (mark("An undo put it back"), undo.PUT_BACK),
    (mark("A push linked it, or made it in HubSpot"), push.SENT),
    (mark("A push left it out"), push.LEFT_OUT),
    (mark("A push left it to a person"), push.HELD),
    (mark("A deletion left it, or moved it"), changes.CHANGED_HERE),
    (mark("It went wrong"), failing.FAILED),
)
"""Every reason by its stable name, under the headings of the page that explains them."""

REASONS = reduce(or_, (group for _heading, group in GROUPS))


def explained() -> list[tuple[str, list[tuple[str, Reason]]]]:
    """Every reason with its stable name, under headings."""
    return [(gettext(heading), list(group.items())) for heading, group in GROUPS]


def reason(name: str) -> Reason:
    """The texts of a reason; an unknown name stands for itself."""
    return REASONS.get(name, Reason(name))
