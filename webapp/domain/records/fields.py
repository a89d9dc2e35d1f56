"""The fields of a company and of a contact: one table that forms, CSV, mapping and log all read."""

from typing import Literal

from msgspec import Struct

ObjectType = Literal["companies", "contacts"]
OBJECT_TYPES: tuple[ObjectType, ...] = ("companies", "contacts")
FieldKind = Literal[
    "text",
    "long_text",
    "integer",
    "number",
    "date",
    "datetime",
    "yes_no",
    "choice",
    "choices",
    "email",
    "phone",
    "domain",
    "url",
    "status",
    "company",
]

STATUSES = ("Lead", "Prospect", "Customer", "Former", "Other")


CUSTOM = "custom."
"""The prefix of the names of custom fields among standard ones."""


class Field(Struct, frozen=True):
    """A field: its name in code and CSV, its kind, its longest text in characters.

    `label` is the name that an administrator gave to a custom field; the labels of standard fields are in
    `webapp.text.records.records`. Of a choice, `options` are the values that it may hold, in order, and
    `retired` those that nobody may choose any more; records that hold one keep it.
    """

    name: str
    label: str = ""
    kind: FieldKind = "text"
    max_length: int = 300
    options: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


COMPANY = "company."
"""The prefix of a field of a contact's company."""

_PLACE = (
    Field("street"),
    Field("city", max_length=120),
    Field("region", max_length=120),
    Field("postcode", max_length=30),
    Field("country", max_length=120),
)

COMPANY_FIELDS = (
    Field("name"),
    Field("domain", kind="domain", max_length=253),
    Field("website", kind="url", max_length=500),
    Field("phone", kind="phone", max_length=50),
    *_PLACE,
    Field("industry", max_length=120),
    Field("employees", kind="integer", max_length=10),
    Field("description", kind="long_text", max_length=65_536),
    Field("status", kind="status", max_length=60),
)

CONTACT_FIELDS = (
    Field("first_name", max_length=200),
    Field("last_name", max_length=200),
    Field("email", kind="email", max_length=254),
    Field("phone", kind="phone", max_length=50),
    Field("mobile", kind="phone", max_length=50),
    Field("job_title"),
    *_PLACE,
    Field("status", kind="status", max_length=60),
    Field("company_id", kind="company"),
)

FIELDS: dict[ObjectType, tuple[Field, ...]] = {"companies": COMPANY_FIELDS, "contacts": CONTACT_FIELDS}
FIELDS_BY_NAME: dict[ObjectType, dict[str, Field]] = {
    object_type: {field.name: field for field in fields} for object_type, fields in FIELDS.items()
}
FIELD_NAMES: dict[ObjectType, tuple[str, ...]] = {
    object_type: tuple(field.name for field in fields) for object_type, fields in FIELDS.items()
}
"""The standard fields in their order, in which statements give a record's values."""
