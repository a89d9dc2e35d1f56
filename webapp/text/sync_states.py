"""Texts of the badge of a record's sync state.

The sentence under the badge is that of the state's reason, in the module of `text.reasons` named after its
origin: `pull`, `push`, `conflicts` (both sides edited), `undo`, `changes` (a person here) or `failing`.
"""

from webapp.domain.links.state import IN_SYNC, STOPPED
from webapp.text.translated import Table

_SYNC_STATES: dict[str, str] = {
    IN_SYNC: "In sync",
    "pending": "To be sent",
    "unlinked": "Only here",
    "excluded": "Excluded",
    "held": "Needs you",
    "failing": "Failing",
    STOPPED: "Sync stopped",
    "gone": "Gone in HubSpot",
    "refused": "Deleted for privacy",
    # Of an object in HubSpot that is linked to nothing here:
    "arriving": "Comes with the next Pull",
    "left_out": "Not imported",
    "absent": "Not in HubSpot",
}
SYNC_STATES = Table(_SYNC_STATES)
"""Badges, by sync state."""
