"""The switches of automatic sync, and their defaults."""

from collections.abc import Mapping

from webapp.domain.records.fields import ObjectType

SWITCHES: dict[str, bool] = {"paused": False, "push_companies": True, "push_contacts": True, "create": False}


def is_on(automatic: Mapping[str, bool], switch: str) -> bool:
    """Whether a switch is on."""
    return automatic.get(switch, SWITCHES[switch])


def pushed_types(automatic: Mapping[str, bool]) -> list[ObjectType]:
    """The object types whose edits are sent automatically at present."""
    types: tuple[ObjectType, ...] = ("companies", "contacts")
    return [] if is_on(automatic, "paused") else [one for one in types if is_on(automatic, f"push_{one}")]
