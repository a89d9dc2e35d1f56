"""The switches of automatic sync: what each does, and what it is until somebody sets it."""

from collections.abc import Mapping

from webapp.domain.records.fields import ObjectType

SWITCHES: dict[str, tuple[bool, str]] = {
    "paused": (False, "Pause all automatic sync, both ways. What happens meanwhile is kept and done later."),
    "push_companies": (True, "Send edits of linked companies to HubSpot by themselves"),
    "push_contacts": (True, "Send edits of linked contacts to HubSpot by themselves"),
    "create": (False, "Create new companies and contacts in HubSpot by themselves, as the rules allow"),
}


def is_on(automatic: Mapping[str, bool], switch: str) -> bool:
    """Whether a switch is on."""
    return automatic.get(switch, SWITCHES[switch][0])


def pushed_types(automatic: Mapping[str, bool]) -> list[ObjectType]:
    """Whose edits are sent by themselves at present."""
    types: tuple[ObjectType, ...] = ("companies", "contacts")
    return [] if is_on(automatic, "paused") else [one for one in types if is_on(automatic, f"push_{one}")]
