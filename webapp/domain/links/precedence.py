"""Whose value is kept. The side that started the sync wins, field by field; blanks never win."""

from typing import Protocol

from webapp.domain.links.base import is_set_apart
from webapp.domain.mapping import options
from webapp.domain.mapping.incoming import Incoming
from webapp.domain.mapping.mapping import FieldMap, Mapping
from webapp.domain.mapping.values import agree, same_there
from webapp.domain.records.fields import Field
from webapp.domain.records.values import Change, Value, is_blank, same

_REWRITTEN = ("email", "domain", "url", "phone")


class HasBase(Protocol):
    """The part of a link that precedence depends on."""

    @property
    def local_seen(self) -> dict[str, Value]:
        """Our values after the last sync."""

    @property
    def remote_seen(self) -> dict[str, str | None]:
        """HubSpot's texts after the last sync."""


def pulled_changes(
    incoming: Incoming,
    record: dict[str, Value],
    local_seen: dict[str, Value],
    remote_seen: dict[str, str | None],
    mapping: Mapping,
) -> list[Change]:
    """The changes of a pull to a record: every mapped field for which HubSpot has data that differs.

    Args:
        incoming: HubSpot's side.
        record: our present values by field.
        local_seen: our values after the last sync; empty for a record that is linked only now.
        remote_seen: HubSpot's values then.
        mapping: the mapping in force.
    """
    changes: list[Change] = []
    for definition, item in mapping.incoming:
        name = definition.name
        new, old = incoming.values.get(name), record.get(name)
        if new == old:
            continue
        raw = incoming.raw.get(name)
        if new is None:
            if _clears(definition, item, incoming, mapping) and not is_blank(old):
                changes += _change(definition, old, None, mapping)
        elif not agree(definition, old, raw, new, mapping) and not _is_unmoved(
            definition, old, raw, local_seen, remote_seen
        ):
            changes += _change(definition, old, new, mapping)
    return changes


def _change(definition: Field, old: Value, new: Value, mapping: Mapping) -> list[Change]:
    """The change of a field to HubSpot's value; of multiple choices, our unmapped options stay."""
    if definition.kind == "choices":
        new = options.brought_beside(definition, old, str(new) if new is not None else None, mapping)
    return [(definition.name, old, new)] if new != old else []


def has_moved(field: str, incoming: Incoming, link: HasBase, mapping: Mapping) -> bool:
    """Whether HubSpot's value of a field is another one than after the last sync.

    For a field that no sync has seen since it was mapped this is unknown, and the answer is no.
    """
    if field not in link.remote_seen and field in mapping.knowing_blanks:
        return False
    return not same_there(field, incoming.raw.get(field), link.remote_seen.get(field), mapping)


def has_more_to_send(record: dict[str, Value], incoming: Incoming, link: HasBase) -> bool:
    """Whether an edit here survives a pull, because HubSpot has no data for its field."""
    return any(
        is_blank(text)
        and not is_blank(record.get(name))
        and not same(record[name], link.local_seen.get(name))
        for name, text in incoming.raw.items()
    )


def company_change(
    old: Value, new: int | None, remote_company_id: str | None, link: HasBase | None
) -> tuple[Change | None, str | None]:
    """The company that a contact gets, with the reason if it keeps its present one.

    Args:
        old: the company it has here.
        new: the company here that is linked to HubSpot's primary one; None when there is none.
        remote_company_id: HubSpot's primary company.
        link: the contact's link, if it had one.
    """
    if new is not None:
        return (("company_id", old, new) if new != old else None), None
    if remote_company_id is not None:
        return None, "company_not_synced"
    had_one = link is not None and link.remote_seen.get("company_id") is not None
    return None, "company_lost" if had_one else None


def _clears(definition: Field, item: FieldMap, incoming: Incoming, mapping: Mapping) -> bool:
    """Whether the mapping accepts blanks, and HubSpot really sent one for an existing property.

    A value of several choices counts as blank if none of them is mapped.
    """
    if item.blank_policy != "clear" or item.field not in incoming.raw or item.field in mapping.unclearable:
        return False
    raw = incoming.raw[item.field]
    return is_blank(raw) or (definition.kind == "choices" and not options.mapped(definition, raw, mapping))


def _is_unmoved(
    definition: Field,
    old: Value,
    raw: str | None,
    local_seen: dict[str, Value],
    remote_seen: dict[str, str | None],
) -> bool:
    """Whether both sides still have the values of the last sync, which made them equal.

    Only for kinds that HubSpot rewrites by its own rules: what it made of the local value is no difference.
    """
    name = definition.name
    return (
        definition.kind in _REWRITTEN
        and name in remote_seen
        and remote_seen[name] == raw
        and local_seen.get(name) == old
        and not is_blank(old)
        and not is_set_apart(name, local_seen)
    )
