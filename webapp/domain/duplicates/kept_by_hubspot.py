"""What HubSpot keeps when it merges objects: the primary object's values, blanks filled from the others."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from webapp.domain.records.values import is_blank

Properties = Mapping[str, str | None]


class KeptProperty(Struct, frozen=True):
    """A property in which the objects differ.

    Attributes:
        name: the property.
        value: what HubSpot keeps.
        is_filled: whether it comes from another object, since the primary has none.
        lost: the values that give way.
    """

    name: str
    value: str
    is_filled: bool
    lost: tuple[str, ...]


def kept_by_hubspot(primary: Properties, others: Sequence[Properties]) -> list[KeptProperty]:
    """The properties in which any object differs from the primary one."""
    names = dict.fromkeys(name for one in (primary, *others) for name in one)
    found = []
    for name in names:
        own = primary.get(name)
        given = [value for one in others if (value := one.get(name)) is not None and not is_blank(value)]
        kept = own if own is not None and not is_blank(own) else (given[0] if given else None)
        lost = tuple(dict.fromkeys(value for value in given if value != kept))
        is_filled = is_blank(own) and kept is not None
        if kept is not None and (lost or is_filled):
            found.append(KeptProperty(name, kept, is_filled, lost))
    return found
