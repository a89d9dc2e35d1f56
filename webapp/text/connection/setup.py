"""The steps of the set-up that follows connecting."""

from msgspec import Struct

from webapp.text.translated import gettext, mark


class Step(Struct, frozen=True):
    """A step: its name, its title, and what is decided in it."""

    name: str
    title: str
    description: str


_STEPS: tuple[Step, ...] = (
    Step(
        "fields",
        mark("Field mapping"),
        mark("Which property in HubSpot is which field here. Most are mapped."),
    ),
    Step("statuses", mark("Status mapping"), mark("Which lifecycle stage in HubSpot is which status here.")),
    Step(
        "rules",
        mark("Sync rules"),
        mark("Which companies and contacts come in and go out. At first all of them."),
    ),
    Step(
        "preview",
        mark("Preview"),
        mark("What the first Pull would do, record by record, before anything is written."),
    ),
    Step(
        "pull",
        mark("First Pull"),
        mark("HubSpot's companies and contacts come here, and are matched with yours."),
    ),
)


def steps() -> tuple[Step, ...]:
    """The steps in their order."""
    return tuple(Step(one.name, gettext(one.title), gettext(one.description)) for one in _STEPS)


def step(name: str | None) -> Step | None:
    """A step by its name."""
    return next((one for one in steps() if one.name == name), None)
