"""The set-up that follows connecting: its steps, and which of them is next."""

from collections.abc import Collection

STEPS = ("fields", "statuses", "rules", "preview", "pull")
"""In their order; each can be left, and come back to."""


def next_step(done: Collection[str], after: str | None = None) -> str | None:
    """The first open step, if possible one after `after`; None when all are done."""
    open_ones = [step for step in STEPS if step not in done]
    behind = [step for step in open_ones if after is None or STEPS.index(step) > STEPS.index(after)]
    return next(iter(behind or open_ones), None)
