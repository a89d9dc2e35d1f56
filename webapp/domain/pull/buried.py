"""Tombstones of records that were deleted or erased here, as a pull meets them; also of merged objects."""

from webapp.domain.links.facts import DELETED_HERE, PERSON_ERASED
from webapp.domain.pull.facts import Facts, Remote, SeenFacts

_BURIED = {reason: SeenFacts("ignored", reason=reason) for reason in (DELETED_HERE, PERSON_ERASED)}


def seen_before(remote: Remote, facts: Facts) -> SeenFacts | None:
    """The facts about an unlinked object, with the tombstone of an object that was merged into it.

    It does not where a person has decided about the surviving object, or is asked to; but nobody is asked
    about somebody who was erased.
    """
    seen = facts.seen.get(remote.id)
    if seen is not None and seen.decision:
        return seen
    if remote.id in facts.erased:
        return _BURIED[PERSON_ERASED]
    if not remote.merged_ids or (seen is not None and seen.state == "held"):
        return seen
    found = {reason for old in remote.merged_ids if (reason := _buried_as(old, facts))}
    if PERSON_ERASED in found:
        return _BURIED[PERSON_ERASED]
    return _BURIED[DELETED_HERE] if found else seen


def moved_state(remote: Remote, seen: SeenFacts, facts: Facts) -> str | None:
    """The new state of an object that takes over the tombstone of a merged one."""
    own = facts.seen.get(remote.id)
    is_new = own is None or own.reason != seen.reason
    return seen.state if seen in _BURIED.values() and is_new else None


def _buried_as(remote_id: str, facts: Facts) -> str | None:
    seen = facts.seen.get(remote_id)
    return seen.reason if seen is not None and seen.reason in _BURIED and not seen.decision else None
