"""A row of a file as plain values: the record that it names, and that record's values."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.csv_cells import from_cell
from webapp.domain.records.files.header import BY_DOMAIN, BY_NAME
from webapp.domain.records.identity import KEY_FIELDS, keys_of
from webapp.domain.records.keys import company_key, company_keys, domain_key, person_key
from webapp.domain.records.values import is_blank, trimmed


class Row(Struct):
    """One row.

    Attributes:
        number: as spreadsheets count; the header is row 1.
        excess: how many cells it has, where those behind the header's last column are not blank; else 0.
        record_id: of our record, as it was written; empty where none is named.
        remote_id: the HubSpot object that it names, if any.
        company_domain, company_name: what names a contact's company, if anything.
        given: what it says, by field name and `custom.NAME`.
        keys: the domains or e-mail addresses that find its record.
        is_own_key: whether they are of one record alone; else its name has to agree as well.
    """

    number: int
    excess: int = 0
    record_id: str = ""
    remote_id: str = ""
    company_domain: str = ""
    company_name: str = ""
    given: dict[str, str] = {}
    keys: tuple[str, ...] = ()
    is_own_key: bool = True


def row_of(object_type: ObjectType, number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    """A row from its cells, under the columns of the header; a column without a name is not read."""
    excess = len(cells) if not all(map(is_blank, cells[len(names) :])) else 0
    given = {name: from_cell(cell) for name, cell in zip(names, cells, strict=False) if name}
    return Row(
        number,
        excess,
        record_id=trimmed(given.pop("id", "")),
        remote_id=trimmed(given.pop("hubspot_id", "")),
        company_domain=trimmed(given.pop(BY_DOMAIN, "")),
        company_name=trimmed(given.pop(BY_NAME, "")),
        given=given,
        keys=keys_of(object_type, given.get(KEY_FIELDS[object_type], "")),
    )


def company_domain_key(row: Row) -> str:
    """The key of the domain that names a row's company; empty if the row has none."""
    return domain_key(row.company_domain) or ""


def company_name_key(row: Row) -> str:
    """The key of the name that names a row's company; empty if the row has none."""
    return company_keys({"name": row.company_name})["name_key"] or ""


def name_key(object_type: ObjectType, values: Mapping[str, object]) -> str | None:
    """A record's name as names are compared."""
    if object_type == "companies":
        return company_key(_text(values.get("name")))
    return person_key(_text(values.get("first_name")), _text(values.get("last_name")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
