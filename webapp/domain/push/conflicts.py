"""Fields that both sides changed, in an automatic push: what HubSpot changed later is left to its notice."""

from webapp.domain.links.conflicts import Overwritten, both_changed, is_later_here
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.values import Misfit, to_local
from webapp.domain.push.outgoing import SentChange
from webapp.domain.push.step import Local, PushPolicy, Step, Theirs
from webapp.domain.records.values import Value


def conflicting(local: Local, theirs: Theirs, mapping: Mapping) -> list[str]:
    """The properties that both sides changed since the last sync, of a linked record."""
    link = local.link
    if link is None:
        return []
    has = theirs.properties.get
    return [
        item.property
        for definition, item in mapping.outgoing
        if both_changed(definition.name, local.values.get(definition.name), has(item.property), link)
    ]


def leave_later_ones(step: Step, theirs: Theirs, policy: PushPolicy, link: LinkFacts) -> list[Overwritten]:
    """Leave fields alone that HubSpot changed later than we did: its notice brings them. Else ours wins."""
    there = {
        name: theirs.changed_at[prop]
        for name, prop in policy.mapping.property_names.items()
        if prop in theirs.changed_at
    }
    sent: list[SentChange] = []
    overwritten: list[Overwritten] = []
    for name, prior, text in step.changes:
        if not both_changed(name, step.local.values.get(name), prior, link):
            sent.append((name, prior, text))
        elif is_later_here(name, step.local.edited_at, there):
            sent.append((name, prior, text))
            overwritten.append(Overwritten(name, _as_ours(name, prior, policy.mapping), "hubspot"))
    step.changes = sent
    return overwritten


def _as_ours(name: str, raw: str | None, mapping: Mapping) -> Value:
    """HubSpot's text as our value, where it fits."""
    definition = next(definition for definition, _ in mapping.outgoing if definition.name == name)
    value = to_local(definition, raw, mapping)
    return raw if isinstance(value, Misfit) else value
