"""Decides which of the objects that a comparison lists are read in full."""

from collections.abc import Collection, Mapping
from datetime import datetime

from webapp.domain.links.facts import LinkFacts
from webapp.domain.pull.facts import Remote


def deserves_look(
    listed: Remote,
    links: Mapping[str, LinkFacts],
    seen: Mapping[str, datetime | None],
    known_merges: Collection[str],
) -> bool:
    """Whether an object that a comparison lists has to be read in full.

    Args:
        listed: The object as a light page shows it.
        links: The links of the page's objects, and of those merged into them.
        seen: When HubSpot had last changed the objects that are known and not linked.
        known_merges: Former objects whose merge is known: their links are held already.
    """
    if any(old in links and old not in known_merges for old in listed.merged_ids):
        return True
    # In a portal that was restored to an earlier state the time is an earlier one.
    link = links.get(listed.id)
    if link is None:
        known = seen.get(listed.id)
        return known is None or listed.updated_at != known
    if link.state != "linked" or link.remote_updated_at is None:
        return link.state == "gone"
    has_moved = listed.company_id != link.remote_seen.get("company_id")
    return listed.updated_at != link.remote_updated_at or has_moved
