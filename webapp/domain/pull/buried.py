"""Tombstones of records that were deleted here, as a pull meets them; also where HubSpot merged objects."""

from webapp.domain.links.facts import DELETED_HERE
from webapp.domain.pull.facts import Facts, Remote, SeenFacts

_BURIED = SeenFacts("ignored", reason=DELETED_HERE)


def seen_before(remote: Remote, facts: Facts) -> SeenFacts | None:
    """What is known of an object without link; the tombstone of one that was merged into it follows.

    It does not where a person has decided about the surviving object, or is asked to.
    """
    seen = facts.seen.get(remote.id)
    if seen is not None and (seen.decision or seen.state == "held"):
        return seen
    return _BURIED if any(_is_buried(old, facts) for old in remote.merged_ids) else seen


def moved_state(remote: Remote, seen: SeenFacts, facts: Facts) -> str | None:
    """The state that an object is kept in from now on whose tombstone was another one's until now."""
    own = facts.seen.get(remote.id)
    return seen.state if seen is _BURIED and (own is None or own.reason != DELETED_HERE) else None


def _is_buried(remote_id: str, facts: Facts) -> bool:
    seen = facts.seen.get(remote_id)
    return seen is not None and seen.reason == DELETED_HERE and not seen.decision
