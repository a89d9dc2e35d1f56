"""The undo of a decision about two records: kept apart, or asked about again."""

from webapp.domain.runs import outcomes
from webapp.domain.undo.local import UndoPlan

APART, AGAIN = "apart_from", "asked_again"
"""Under these names an entry has the other record that a run kept apart, or asked about again."""


def plan_pair(*, was_kept_apart: bool, state: str | None) -> UndoPlan:
    """Decide how the entry of a pair is reverted.

    Args:
        was_kept_apart: Whether the run kept the two apart; else it asked about them again.
        state: How the pair stands now; None where one of the records is not here any more.
    """
    if state is None:
        return UndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason="undo_not_here")
    if state != ("not_the_same" if was_kept_apart else "open"):
        return UndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason="changed_since")
    return UndoPlan(
        verb="restore", outcome=outcomes.UPDATED, reason="asked_again" if was_kept_apart else "kept_apart"
    )
