"""How a record is called in lists, titles and messages."""

from collections.abc import Mapping

from webapp.domain.records.fields import ObjectType

SINGULAR: dict[ObjectType, str] = {"companies": "company", "contacts": "contact"}


def record_name(object_type: ObjectType, values: Mapping[str, object]) -> str:
    """The name, else what comes nearest to one."""
    if object_type == "companies":
        return str(values.get("name") or values.get("domain") or "Company without a name")
    parts = (values.get("first_name"), values.get("last_name"))
    name = " ".join(str(part) for part in parts if part)
    return name or str(values.get("email") or "Contact without a name")
