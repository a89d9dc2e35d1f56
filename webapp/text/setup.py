"""The steps of the set-up that follows connecting."""

from msgspec import Struct


class Step(Struct, frozen=True):
    """A step: its name, its title, and what is decided in it."""

    name: str
    title: str
    description: str


STEPS: tuple[Step, ...] = (
    Step("fields", "Field mapping", "Which property in HubSpot is which field here. Most are mapped."),
    Step("statuses", "Status mapping", "Which lifecycle stage in HubSpot is which status here."),
    Step("rules", "Sync rules", "Which companies and contacts come in and go out. At first all of them."),
    Step("preview", "Preview", "What the first Pull would do, record by record, before anything is written."),
    Step("pull", "First Pull", "HubSpot's companies and contacts come here, and are matched with yours."),
)
"""In their order."""


def step(name: str | None) -> Step | None:
    """A step by its name."""
    return next((one for one in STEPS if one.name == name), None)
