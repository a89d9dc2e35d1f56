"""Names of records in lists, titles and logs."""

from collections.abc import Mapping

from webapp.domain.records.fields import ObjectType


def record_name(object_type: ObjectType, values: Mapping[str, object]) -> str:
    """The name, otherwise the nearest substitute; empty if there is none."""
    if object_type == "companies":
        return str(values.get("name") or values.get("domain") or "")
    parts = (values.get("first_name"), values.get("last_name"))
    name = " ".join(str(part) for part in parts if part)
    return name or str(values.get("email") or "")
