"""A record's fields on their way to HubSpot: what differs, what is sent, and what HubSpot made of it."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Values
from typing import Any

from webapp.domain.links.base import COMPANY, Base, brought_together, is_set_apart
from webapp.domain.links.precedence import HasBase
from webapp.domain.mapping.mapping import FieldMap, Mapping
from webapp.domain.mapping.options import gone_here, taken
from webapp.domain.mapping.values import Misfit, agree, cleared, same_here, to_local, to_remote
from webapp.domain.records.conversions import parts
from webapp.domain.records.fields import Field
from webapp.domain.records.values import Value, is_blank, same
from webapp.domain.runs.outcomes import OPTION_GONE, PROPERTY_UNFIT

Properties = dict[str, str | None]
SentChange = tuple[str, str | None, str]
"""A field with HubSpot's prior text and the text sent; an empty one clears."""

# HubSpot rewrites these by rules of its own; what it made of the local value is no difference.
_REWRITTEN = ("email", "domain", "url", "phone", "status")
_NAMED_APART = ("status", "choice", "choices")


def created_changes(values: Values[str, Value], mapping: Mapping) -> list[SentChange]:
    """The values of a new object: every field with data that may be sent."""
    changes: list[SentChange] = []
    for definition, _item in mapping.outgoing:
        value = values.get(definition.name)
        text = None if is_blank(value) else to_remote(definition, value, mapping)
        if text is not None:
            changes.append((definition.name, None, text))
    return changes


def pushed_changes(
    values: Values[str, Value],
    properties: Properties,
    mapping: Mapping,
    link: HasBase | None,
    *,
    is_automatic: bool = False,
    clears: Collection[str] = (),
) -> list[SentChange]:
    """The changes of a push to an object: every mapped field for which we have data that differs.

    Args:
        values: Our present values by field.
        properties: HubSpot's present ones.
        mapping: The mapping in force.
        link: The base; None for an object that is linked only now.
        is_automatic: Whether only what was changed here since the base is sent.
        clears: Fields that a person wants cleared there, whatever their blank policy.
    """
    changes: list[SentChange] = []
    for definition, item in mapping.outgoing:
        value, raw = values.get(definition.name), properties.get(item.property)
        if value == raw and (value is None or definition.kind not in _NAMED_APART):
            continue
        if is_automatic and link is not None and not _has_moved(value, item, mapping, link):
            continue
        # Clearing needs a base: of an object that was never synced nobody knows that it should be blank.
        if is_blank(value):
            is_clearable = item.blank_policy == "clear" and link is not None and _is_seen(item, link)
            is_cleared = is_clearable or definition.name in clears
            text = cleared(definition, raw, mapping) if is_cleared else None
        elif link is not None and _is_unmoved(definition, value, raw, link):
            text = None
        else:
            text = _differing_text(definition, value, raw, mapping)
        if text is not None:
            changes.append((definition.name, raw, text))
    return changes


def withheld(
    values: Values[str, Value], mapping: Mapping, link: HasBase | None, properties: Properties | None = None
) -> dict[str, Any] | None:
    """The log's detail of what is not sent since HubSpot lacks its property or its option; None if nothing.

    Of a linked record what was changed here since the base counts, and nowhere what both sides agree on.

    Args:
        values: Our present values by field.
        mapping: The mapping in force.
        link: The base; None for an object that is linked only now.
        properties: HubSpot's present values, of an object that there is.
    """
    left = [
        not_sent(item.field, PROPERTY_UNFIT, values[item.field])
        for _, item in mapping.withheld
        if not is_blank(values.get(item.field))
        and (link is None or _has_moved(values[item.field], item, mapping, link))
    ]
    left += [
        not_sent(name, OPTION_GONE, one)
        for name in mapping.options_gone
        for one in _gone_options(mapping.definition_of(name), values.get(name), mapping, link)
        if not _is_held(name, one, properties or {}, mapping)
    ]
    return {"fields": left, "property": mapping.property_names[left[0]["field"]]} if left else None


def not_sent(field: str, reason: str, value: Value) -> dict[str, Any]:
    """What the log says of a value that is not sent."""
    return {"field": field, "reason": reason, "value": value}


def _gone_options(definition: Field, value: Value, mapping: Mapping, link: HasBase | None) -> list[str]:
    """Our options that HubSpot does not offer any more; of a linked record those chosen since the base."""
    gone = gone_here(definition, value, mapping)
    if link is None or not gone:
        return gone
    seen = link.local_seen.get(definition.name)
    before = parts(str(seen or "")) if definition.kind == "choices" else [seen]
    return [one for one in gone if one not in before]


def _is_held(name: str, option: str, properties: Properties, mapping: Mapping) -> bool:
    """Whether HubSpot's value means an option of ours all the same."""
    definition = mapping.definition_of(name)
    incoming = to_local(definition, properties.get(mapping.property_names[name]), mapping)
    if isinstance(incoming, Misfit) or incoming is None:
        return False
    return option in (parts(str(incoming)) if definition.kind == "choices" else [incoming])


def has_edits(values: Values[str, Value], mapping: Mapping, link: HasBase) -> bool:
    """Whether a record has a value that was changed here since the base and is sent to HubSpot."""
    is_moved = any(_has_moved(values.get(item.field), item, mapping, link) for _, item in mapping.outgoing)
    return is_moved or (COMPANY in values and values[COMPANY] != link.local_seen.get(COMPANY))


def _has_moved(value: Value, item: FieldMap, mapping: Mapping, link: HasBase) -> bool:
    return _is_seen(item, link) and not same_here(item.field, value, link.local_seen.get(item.field), mapping)


def _is_seen(item: FieldMap, link: HasBase) -> bool:
    """Whether the base has our value; a field mapped later is in it only after a sync."""
    return not item.knows_blanks or item.field in link.local_seen


def _differing_text(definition: Field, value: Value, raw: str | None, mapping: Mapping) -> str | None:
    text = to_remote(definition, value, mapping, raw)
    if text is None or text == raw or _are_equal(definition, value, raw, mapping):
        return None
    return text


def clearable(
    values: Values[str, Value], remote_seen: Values[str, str | None], mapping: Mapping
) -> dict[str, str]:
    """The fields that are blank here, and had a text in HubSpot after the last sync."""
    return {
        item.field: raw
        for definition, item in mapping.outgoing
        if is_blank(values.get(item.field))
        and (raw := remote_seen.get(item.field))
        and cleared(definition, raw, mapping) is not None
    }


def as_properties(changes: Sequence[SentChange], mapping: Mapping) -> dict[str, str]:
    """The changes by HubSpot's names, as they are sent."""
    return {mapping.property_names[field]: text for field, _prior, text in changes}


def kept_fields(changes: Sequence[SentChange], answer: Properties, mapping: Mapping) -> list[str]:
    """The fields that HubSpot left unchanged although it accepted the call: stages move only forward."""
    kept: list[str] = []
    if not changes:
        return kept
    for definition, item in mapping.outgoing:
        if definition.kind != "status" or item.property not in answer:
            continue
        kept += [
            field
            for field, prior, text in changes
            if field == definition.name and answer[item.property] == prior != text
        ]
    return kept


def base_after(
    values: Values[str, Value],
    properties: Properties,
    sent: Sequence[SentChange],
    mapping: Mapping,
    link: HasBase | None,
) -> Base:
    """The base after a push: new for fields that were sent or agree, unchanged for the others.

    Args:
        values: Our values.
        properties: HubSpot's, as it answered.
        sent: What was sent.
        mapping: The mapping in force.
        link: The base so far.
    """
    local_seen: dict[str, Any] = dict(link.local_seen) if link else {}
    remote_seen: dict[str, Any] = dict(link.remote_seen) if link else {}
    was_sent = {field for field, _prior, _text in sent}
    agreed = set(was_sent)
    for definition, item in mapping.outgoing:
        name, value, raw = definition.name, values.get(definition.name), properties.get(item.property)
        if value is raw is None and not (item.knows_blanks or name in local_seen or name in remote_seen):
            continue
        if value == raw and definition.kind not in _NAMED_APART and not is_blank(value):
            # So it is with nearly every field of nearly every record.
            local_seen[name], remote_seen[name] = value, raw
            agreed.add(name)
        elif name in was_sent or _are_equal(definition, value, raw, mapping):
            if definition.kind == "choices":
                value = taken(value, raw, local_seen.get(name), definition, mapping)
            _remember(local_seen, name, value, item)
            _remember(remote_seen, name, raw, item)
            agreed.add(name)
    if link is None:
        # To be sent once HubSpot has its property or option: an edit, and not what no sync has seen.
        waiting = {one["field"] for one in (withheld(values, mapping, None) or {}).get("fields", ())}
        local_seen.update(dict.fromkeys((waiting & mapping.knowing_blanks) - local_seen.keys()))
    return Base(brought_together(local_seen, agreed), remote_seen)


def _remember(seen: dict[str, Any], name: str, value: Any, item: FieldMap) -> None:
    if not is_blank(value):
        seen[name] = value
    elif item.knows_blanks:
        seen[name] = None
    else:
        seen.pop(name, None)


def _are_equal(definition: Field, value: Value, raw: str | None, mapping: Mapping) -> bool:
    # The same text, or none on either side. Statuses and choices have names of their own on each side.
    if same(value, raw) and (value is None or definition.kind not in _NAMED_APART):
        return True
    incoming = to_local(definition, raw, mapping)
    if isinstance(incoming, Misfit):
        return False
    return agree(definition, value, raw, incoming, mapping)


def _is_unmoved(definition: Field, value: Value, raw: str | None, link: HasBase) -> bool:
    """Whether both sides hold just what they held after the last sync, for kinds that HubSpot rewrites."""
    name = definition.name
    return (
        definition.kind in _REWRITTEN
        and name in link.remote_seen
        and link.remote_seen[name] == raw
        and link.local_seen.get(name) == value
        and not is_set_apart(name, link.local_seen)
    )
