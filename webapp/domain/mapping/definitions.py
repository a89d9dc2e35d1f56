"""A portal's property definitions: what the mapping may use, and what HubSpot accepts."""

from functools import cached_property
from typing import Literal

from msgspec import Struct

PropertyKind = Literal["text", "phone", "number", "date", "datetime", "yes_no", "choice", "choices", "other"]

_BY_TYPE: dict[str, PropertyKind] = {
    "string": "text",
    "phone_number": "phone",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "bool": "yes_no",
    "enumeration": "choice",
}
_TRUTHS = frozenset(("true", "false"))


class PropertyOption(Struct, frozen=True):
    """One value that a property may hold."""

    value: str
    label: str = ""
    is_hidden: bool = False


class Property(Struct, frozen=True):
    """A property.

    Attributes:
        type, field_type: as HubSpot names them: `enumeration` and `checkbox`.
        is_read_only: whether only HubSpot writes it.
        is_calculated: whether HubSpot derives its value from others.
        has_foreign_options: whether options are outside the definition, such as the portal's users, or could
            not be read.
        is_required: whether an object needs it, as far as known.
        created_at: when it was made; another time means another property of the same name.
    """

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    description: str = ""
    options: tuple[PropertyOption, ...] = ()
    is_read_only: bool = False
    is_calculated: bool = False
    is_hidden: bool = False
    has_unique_value: bool = False
    has_foreign_options: bool = False
    is_required: bool = False
    created_at: str = ""

    @property
    def kind(self) -> PropertyKind:
        """The kind of value that it holds."""
        if self.type == "string" and self.field_type == "phonenumber":
            return "phone"
        if self.type == "enumeration" and self.field_type == "checkbox":
            return "choices"
        if self.type == "enumeration" and self.field_type == "booleancheckbox" and self._is_truth:
            return "yes_no"
        return _BY_TYPE.get(self.type, "other")

    @property
    def _is_truth(self) -> bool:
        return {option.value for option in self.options} <= _TRUTHS

    @property
    def is_written_by_hubspot_alone(self) -> bool:
        """Whether nothing can be sent to it."""
        return self.is_read_only or self.is_calculated


class PropertyGroup(Struct, frozen=True):
    """A heading under which HubSpot shows properties."""

    name: str
    label: str


Redefined = Literal[
    "gone", "made_again", "other_type", "made_read_only", "option_gone", "option_relabelled", "option_hidden"
]


class Redefinition(Struct, frozen=True):
    """A change of a property in HubSpot: before and after, and the option that it is about."""

    property: str
    code: Redefined
    before: str = ""
    after: str = ""
    option: str = ""


class Definitions(Struct, frozen=True, dict=True):
    """All properties of one object type, as they were last read.

    `redefinitions` are what was found changed since a person last looked at it; `unread` names those whose
    definition could not be read at last, and is as it was before if it was known.
    """

    groups: tuple[PropertyGroup, ...] = ()
    properties: tuple[Property, ...] = ()
    redefinitions: tuple[Redefinition, ...] = ()
    unread: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Property]:
        """Each property by its name."""
        return {one.name: one for one in self.properties}
