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
"""What a custom field's name begins with wherever it stands among the others."""


class Field(Struct, frozen=True):
    """A field: its name in code and CSV, its label on screen, its kind, its longest text in characters.

    Of a choice, `options` are the values that it may hold, in order, and `retired` those that nobody may
    choose any more; records that hold one keep it.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    max_length: int = 300
    options: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


COMPANY = "company."
"""Before a field's name it means that field of a contact's company."""

_PLACE = (
    Field("street", "Street"),
    Field("city", "City", max_length=120),
    Field("region", "Region", max_length=120),
    Field("postcode", "Postcode", max_length=30),
    Field("country", "Country", max_length=120),
)

COMPANY_FIELDS = (
    Field("name", "Name"),
    Field("domain", "Domain", "domain", 253),
    Field("website", "Website", "url", 500),
    Field("phone", "Phone", "phone", 50),
    *_PLACE,
    Field("industry", "Industry", max_length=120),
    Field("employees", "Employees", "integer", 10),
    Field("description", "Description", "long_text", 65_536),
    Field("status", "Status", "status", 60),
)

CONTACT_FIELDS = (
    Field("first_name", "First name", max_length=200),
    Field("last_name", "Last name", max_length=200),
    Field("email", "E-mail", "email", 254),
    Field("phone", "Phone", "phone", 50),
    Field("mobile", "Mobile", "phone", 50),
    Field("job_title", "Job title"),
    *_PLACE,
    Field("status", "Status", "status", 60),
    Field("company_id", "Company", "company"),
)

FIELDS: dict[ObjectType, tuple[Field, ...]] = {"companies": COMPANY_FIELDS, "contacts": CONTACT_FIELDS}
FIELDS_BY_NAME: dict[ObjectType, dict[str, Field]] = {
    object_type: {field.name: field for field in fields} for object_type, fields in FIELDS.items()
}


def label(object_type: ObjectType, name: str) -> str:
    """The field's name on screen; a custom field shows its own name."""
    field = FIELDS_BY_NAME[object_type].get(name)
    if name.startswith(COMPANY):
        return f"Company: {label('companies', name.removeprefix(COMPANY))}"
    return field.label if field else name.removeprefix("custom.")
