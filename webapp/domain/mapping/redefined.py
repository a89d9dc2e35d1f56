"""Changes of mapped properties' definitions in HubSpot, kept until a person has seen them."""

from collections.abc import Collection, Iterator

from msgspec.structs import replace

from webapp.domain.mapping.definitions import Definitions, Property, Redefined, Redefinition

ANOTHER_PROPERTY: tuple[Redefined, ...] = ("gone", "made_again", "other_type")
"""Where the property is not the one that it was: what is blank in it may never have been filled."""


def compared(before: Definitions, found: Definitions, mapped: Collection[str]) -> Definitions:
    """The definitions just read, with the changes of mapped properties that nobody has seen yet.

    Args:
        before: What was known.
        found: What was read now.
        mapped: The names of the mapped properties.
    """
    found = _with_unread(before, found)
    news = [
        one
        for prop in before.properties
        if prop.name in mapped
        for one in _changes(prop, found.by_name.get(prop.name))
    ]
    kept = [_by_now(one, found) for one in before.redefinitions if one.property in mapped]
    return replace(found, redefinitions=tuple(dict.fromkeys((*kept, *news))))


def _with_unread(before: Definitions, found: Definitions) -> Definitions:
    """The definitions just read, with what was known of those that could not be read: they are not gone."""
    kept = [before.by_name[name] for name in found.unread if name in before.by_name]
    return replace(found, properties=(*found.properties, *kept)) if kept else found


def looked_at(known: Definitions, names: Collection[str]) -> Definitions:
    """The definitions after a person has seen the changes of these properties."""
    left = tuple(one for one in known.redefinitions if one.property not in names)
    return replace(known, redefinitions=left)


def _by_now(one: Redefinition, found: Definitions) -> Redefinition:
    """The change as it stands now: a deleted property that is there again was created again."""
    is_back = one.code == "gone" and one.property in found.by_name
    return Redefinition(one.property, "made_again", one.before) if is_back else one


def _changes(before: Property, after: Property | None) -> Iterator[Redefinition]:
    name = before.name
    if after is None:
        yield Redefinition(name, "gone", before.label)
        return
    if before.created_at and after.created_at and before.created_at != after.created_at:
        yield Redefinition(name, "made_again", before.label)
    if before.kind != after.kind:
        yield Redefinition(name, "other_type", before.kind, after.kind)
    if after.is_written_by_hubspot_alone and not before.is_written_by_hubspot_alone:
        yield Redefinition(name, "made_read_only")
    options = {option.value: option for option in after.options}
    for option in before.options:
        now = options.get(option.value)
        if now is None and after.has_foreign_options:
            continue
        if now is None:
            yield Redefinition(name, "option_gone", option.label, option=option.value)
        elif now.label != option.label:
            yield Redefinition(name, "option_relabelled", option.label, now.label, option.value)
        elif now.is_hidden and not option.is_hidden:
            yield Redefinition(name, "option_hidden", option.label, option=option.value)
