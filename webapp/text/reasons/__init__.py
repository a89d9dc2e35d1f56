"""Why a record ended in a run as it did: what stands under its badge, and what a person can do about it."""

from webapp.text.reasons import changes, duplicates, failing, pull, push, undo
from webapp.text.reasons.remedy import Reason

__all__ = ["GROUPS", "REASONS", "Reason", "explained", "reason"]

GROUPS: tuple[tuple[str, dict[str, Reason]], ...] = (
    ("It was linked to what was there already", pull.LINKED),
    ("It was left out", pull.LEFT_OUT),
    ("A pull left it to a person", pull.HELD),
    ("Possible duplicates were merged", duplicates.MERGED),
    ("A field was left alone, the rest was taken", pull.FIELD_LEFT_ALONE),
    ("An undo put it back", undo.PUT_BACK),
    ("A push linked it, or made its object", push.SENT),
    ("A push left it out", push.LEFT_OUT),
    ("A push left it to a person", push.HELD),
    ("A deletion left it, or moved it", changes.CHANGED_HERE),
    ("It went wrong", failing.FAILED),
)
"""Every reason by its stable name, under the headings of the page that explains them."""

REASONS: dict[str, Reason] = {name: one for _heading, group in GROUPS for name, one in group.items()}


def explained() -> list[tuple[str, list[tuple[str, Reason]]]]:
    """Every reason with its stable name, under headings."""
    return [(heading, list(group.items())) for heading, group in GROUPS]


def reason(name: str) -> Reason:
    """The texts of a reason; an unknown name stands for itself."""
    return REASONS.get(name, Reason(name))
