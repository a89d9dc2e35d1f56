"""The set-up that follows connecting: its steps, and which of them is next."""

from collections.abc import Collection

from msgspec import Struct


class Step(Struct, frozen=True):
    """A step: its name, its title, and what is decided in it."""

    name: str
    title: str
    words: str


STEPS: tuple[Step, ...] = (
    Step("fields", "Field mapping", "Which property in HubSpot is which field here. Most are mapped."),
    Step("statuses", "Status mapping", "Which lifecycle stage in HubSpot is which status here."),
    Step("rules", "Sync rules", "Which companies and contacts come in and go out. At first all of them."),
    Step("preview", "Preview", "What the first Pull would do, record by record, before anything is written."),
    Step("pull", "First Pull", "HubSpot's companies and contacts come here, and are matched with yours."),
)
"""In their order; each can be left, and come back to."""

NAMES = tuple(step.name for step in STEPS)


def next_step(done: Collection[str], after: str | None = None) -> Step | None:
    """The first step that is not done yet, if it can be one behind `after`; None when all are."""
    open_ones = [step for step in STEPS if step.name not in done]
    behind = [step for step in open_ones if after is None or NAMES.index(step.name) > NAMES.index(after)]
    return next(iter(behind or open_ones), None)
