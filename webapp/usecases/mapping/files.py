"""The mapping as one JSON object: what `mapping show` prints, and `mapping set` takes."""

from typing import Any

import msgspec

from webapp.domain.mapping.mapping import BlankPolicy, Direction, FieldMap, Mapping
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.errors import RefusedError
from webapp.usecases.mapping.save import RequestedMapping


class _Field(msgspec.Struct, forbid_unknown_fields=True):
    """One field's mapping; `is_fixed` is shown, and ignored when it is set."""

    field: str
    property: str
    direction: Direction = "both"
    blank_policy: BlankPolicy = "ignore"
    options: dict[str, str] = {}
    is_fixed: bool = False


class _OfType(msgspec.Struct, forbid_unknown_fields=True):
    """One object type's mapping."""

    fields: list[_Field]
    status_in: dict[str, str]
    status_out: dict[str, str]


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    """The mappings of both types; `version` is the one they were made from, if that is to be checked."""

    companies: _OfType | None = None
    contacts: _OfType | None = None
    version: int | None = None


def document(present: dict[ObjectType, Mapping], version: int) -> dict[str, Any]:
    """The mapping in force."""
    shown = {kind: _shown(mapping) for kind, mapping in present.items()}
    return msgspec.to_builtins(_Document(**shown, version=version))  # type: ignore[no-any-return]


def read(text: bytes) -> tuple[dict[ObjectType, RequestedMapping], int | None]:
    """The mappings that a file asks for, and the version that it was made from.

    Raises:
        RefusedError: `no_mapping`, it is no such object; `detail` names the place.
    """
    try:
        found = msgspec.json.decode(text, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("no_mapping", detail=str(error)) from error
    requested: dict[ObjectType, RequestedMapping] = {}
    for kind in OBJECT_TYPES:
        one: _OfType | None = getattr(found, kind)
        if one is not None:
            requested[kind] = RequestedMapping(tuple(map(_taken, one.fields)), one.status_in, one.status_out)
    return requested, found.version


def _shown(mapping: Mapping) -> _OfType:
    fields = [
        _Field(item.field, item.property, item.direction, item.blank_policy, item.options, item.is_fixed)
        for item in mapping.fields
    ]
    return _OfType(fields, mapping.status_in, mapping.status_out)


def _taken(item: _Field) -> FieldMap:
    return FieldMap(item.field, item.property, item.direction, item.blank_policy, options=item.options)
