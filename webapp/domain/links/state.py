"""The sync state of a record and its reason: one answer for its page, for lists and for the command line."""

from typing import Any

from msgspec import Struct

from webapp.domain.runs import outcomes

IN_SYNC = "in_sync"
STOPPED = "stopped"

STATES = (
    IN_SYNC,
    "pending",
    "unlinked",
    "excluded",
    "held",
    "failing",
    STOPPED,
    "gone",
    "refused",
    # Of an object in HubSpot that is linked to nothing here:
    "arriving",
    "left_out",
    "absent",
)
"""Every state."""

# The sync state of a record whose link is in one of these states, and its reason.
_BY_LINK = {
    "stopped": (STOPPED, "stopped"),
    "gone": ("gone", "gone_in_hubspot"),
    "refused": ("refused", "privacy_deleted"),
    "held": ("held", "merged_in_hubspot"),
}


# How an object ends that is not linked, when it is planned as a pull would.
_BY_OUTCOME = {
    outcomes.CREATED: "arriving",
    outcomes.UPDATED: "arriving",
    outcomes.UNCHANGED: "arriving",
    outcomes.HELD: "held",
    outcomes.FAILED: "failing",
}


class SyncState(Struct, frozen=True):
    """A name of `STATES`, the reason behind it, and what the reason needs."""

    name: str
    reason: str | None = None
    detail: dict[str, Any] | None = None


class Known(Struct, frozen=True, kw_only=True):
    """The facts about a record and its sync.

    Attributes:
        link_state: the state of its link; None without one.
        outcome, reason, detail: how the latest sync of the record ended, as the log has it.
        held: reason and detail, where it waits for a person.
        failing: reason and detail, where it is listed as failing, however the other direction has ended.
        excluded: the failing condition of the rules for pushing, with the actual value; None when admitted.
        is_unsent: it was edited here since it was last sent.
    """

    is_active: bool = True
    link_state: str | None = None
    outcome: str | None = None
    reason: str | None = None
    detail: dict[str, Any] | None = None
    held: tuple[str, dict[str, Any] | None] | None = None
    failing: tuple[str, dict[str, Any] | None] | None = None
    excluded: dict[str, Any] | None = None
    is_unsent: bool = False


def sync_state(known: Known) -> SyncState:
    """The sync state of a record. States that need a person come before temporary ones."""
    if known.link_state in _BY_LINK:
        return SyncState(*_BY_LINK[known.link_state])
    if not known.is_active:
        return SyncState("excluded", "deactivated")
    return _troubled(known) or _passing(known)


def _troubled(known: Known) -> SyncState | None:
    """The state of a record that needs a person; None if it needs none."""
    if known.held is not None:
        return SyncState("held", *known.held)
    if known.outcome == outcomes.FAILED:
        return SyncState("failing", known.reason, known.detail)
    return SyncState("failing", *known.failing) if known.failing is not None else None


def _passing(known: Known) -> SyncState:
    """The state if nothing prevents the sync; the rules apply only to unlinked records."""
    if known.link_state is None and known.excluded is not None:
        return SyncState("excluded", "rule_excluded", known.excluded)
    if known.is_unsent:
        return SyncState("pending")
    return SyncState("unlinked" if known.link_state is None else IN_SYNC)


def unlinked_state(outcome: str, reason: str | None, detail: dict[str, Any] | None) -> SyncState:
    """The state of an unlinked object: the outcome that a pull would have."""
    name = "excluded" if reason == "rule_excluded" else _BY_OUTCOME.get(outcome, "left_out")
    return SyncState(name, reason, detail)
