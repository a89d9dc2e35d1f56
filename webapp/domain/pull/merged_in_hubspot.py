"""Merges that people make in HubSpot: the link follows to the object that stays, other records are held.

An object that stays bears the ids of those that went into it. Where it is linked to no record itself, it
takes over the link of the first of them. The records of the others are held: their object is another's now.
"""

from typing import NamedTuple

from webapp.domain.links.facts import LinkFacts
from webapp.domain.pull.facts import Remote
from webapp.domain.pull.plan import Plan, Terms
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes


class Followed(NamedTuple):
    """The link that an object has or takes over, and the ids of other linked objects merged into it."""

    link: LinkFacts | None
    former_ids: tuple[str, ...]


def follow(remote: Remote, links: dict[str, LinkFacts]) -> Followed:
    """The link of an object, also of one that others were merged into."""
    link = links.get(remote.id)
    former = _linked_before(remote, links) if remote.merged_ids else ()
    if link is None and former:
        return Followed(links[former[0]], former[1:])
    return Followed(link, former)


def relinked(remote: Remote, link: LinkFacts) -> str | None:
    """The reason in the log for a link that moves to another object."""
    return "relinked" if link.remote_id != remote.id else None


def held(plan: Plan, terms: Terms) -> list[Plan]:
    """The plans of records whose objects were merged into that of another record: they are held."""
    return [_held(terms.facts.links[old], plan.remote, terms) for old in plan.former_ids]


def _linked_before(remote: Remote, links: dict[str, LinkFacts]) -> tuple[str, ...]:
    """The linked objects that were merged into this one."""
    merged = (old for old in remote.merged_ids if old != remote.id and old in links)
    return tuple(old for old in merged if links[old].state != "held")


def _held(link: LinkFacts, survivor: Remote, terms: Terms) -> Plan:
    return Plan(
        remote=Remote(id=link.remote_id, properties={}, updated_at=survivor.updated_at),
        verb="leave",
        outcome=outcomes.HELD,
        reason="merged_in_hubspot",
        name=record_name(terms.mapping.object_type, terms.facts.records[link.record_id]),
        record_id=link.record_id,
        link=link,
        detail={"survivor": survivor.id},
    )
