"""The shapes of a property definition and its parts, as they travel."""

from typing import Literal

import msgspec

PropertyType = Literal["bool", "date", "datetime", "enumeration", "number", "phone_number", "string"]
FieldType = Literal[
    "text",
    "textarea",
    "number",
    "date",
    "select",
    "radio",
    "checkbox",
    "booleancheckbox",
    "phonenumber",
    "file",
    "html",
    "calculation_equation",
]


class Option(msgspec.Struct, rename="camel"):
    """One choice of an enumeration."""

    label: str
    value: str
    display_order: int = -1
    hidden: bool = False
    description: str = ""


class Modification(msgspec.Struct, rename="camel"):
    """What may be changed about a property."""

    archivable: bool = True
    read_only_definition: bool = False
    read_only_options: bool = False
    read_only_value: bool = False


class Property(msgspec.Struct, rename="camel", kw_only=True):
    """A property definition."""

    name: str
    label: str
    type: PropertyType
    field_type: FieldType
    group_name: str
    created_at: str
    updated_at: str
    description: str = ""
    options: list[Option] = []
    display_order: int = -1
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    calculated: bool = False
    external_options: bool = False
    hubspot_defined: bool = False
    archived: bool = False
    modification_metadata: Modification = msgspec.field(default_factory=Modification)

    @property
    def is_read_only(self) -> bool:
        """Whether the API refuses a value for it."""
        return self.modification_metadata.read_only_value or self.calculated


class Group(msgspec.Struct, rename="camel", kw_only=True):
    """A property group."""

    name: str
    label: str
    display_order: int = -1
    archived: bool = False
