"""Fields that both sides changed, in an automatic push: what HubSpot changed later is left to its message."""

from collections.abc import Sequence

from webapp.domain.links.conflicts import Overwritten, both_changed, is_later_here
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.values import Misfit, to_local
from webapp.domain.push.facts import FoundObject, Local
from webapp.domain.push.outgoing import SentChange
from webapp.domain.records.values import Value


def is_disputed(local: Local, remote: FoundObject, mapping: Mapping) -> bool:
    """Whether both sides changed a property of a linked record since the last sync."""
    link = local.link
    return link is not None and any(
        both_changed(
            definition.name,
            local.values.get(definition.name),
            remote.properties.get(item.property),
            link,
            mapping,
        )
        for definition, item in mapping.outgoing
    )


def without_later_ones(
    changes: Sequence[SentChange], local: Local, remote: FoundObject, mapping: Mapping, link: LinkFacts
) -> tuple[list[SentChange], list[Overwritten]]:
    """The changes without fields that HubSpot changed later than we did, and what the others overwrite there.

    Of the fields that are left out HubSpot's message brings the later values.
    """
    there = {
        name: remote.changed_at[prop]
        for name, prop in mapping.property_names.items()
        if prop in remote.changed_at
    }
    disputed = {
        name for name, prior, _ in changes if both_changed(name, local.values.get(name), prior, link, mapping)
    }
    lost = {name for name in disputed if not is_later_here(name, local.edited_at, there)}
    sent = [change for change in changes if change[0] not in lost]
    return sent, [
        Overwritten(name, _as_local(name, prior, mapping), "hubspot")
        for name, prior, _ in sent
        if name in disputed
    ]


def _as_local(name: str, raw: str | None, mapping: Mapping) -> Value:
    """HubSpot's text as our value, where it fits."""
    definition = next(definition for definition, _ in mapping.outgoing if definition.name == name)
    value = to_local(definition, raw, mapping)
    return raw if isinstance(value, Misfit) else value
