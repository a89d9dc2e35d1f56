"""The two object types of the portal, and how each differs from the other."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One object type: its names in paths, messages and cursors, and its own system properties."""

    name: str
    singular: str
    type_id: str
    modified: str
    defaults: tuple[str, ...]
    create_needs: tuple[str, ...]
    search_looks_at: tuple[str, ...]

    @property
    def legacy_name(self) -> str:
        """The upper-case name that error texts use."""
        return "CONTACT" if self.singular == "contact" else "COMPANY"

    @property
    def system(self) -> tuple[str, ...]:
        """Properties that every answer carries, requested or not."""
        return ("createdate", "hs_object_id", self.modified)


CONTACTS = Kind(
    name="contacts",
    singular="contact",
    type_id="0-1",
    modified="lastmodifieddate",
    defaults=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    create_needs=("email", "firstname", "lastname"),
    search_looks_at=(
        "firstname",
        "lastname",
        "email",
        "phone",
        "hs_additional_emails",
        "fax",
        "mobilephone",
        "company",
    ),
)
COMPANIES = Kind(
    name="companies",
    singular="company",
    type_id="0-2",
    modified="hs_lastmodifieddate",
    defaults=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    create_needs=("name", "domain"),
    search_looks_at=("website", "phone", "name", "domain"),
)
KINDS = (CONTACTS, COMPANIES)
BY_PATH = {alias: kind for kind in KINDS for alias in (kind.name, kind.singular, kind.type_id)}
