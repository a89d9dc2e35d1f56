"""Texts about one person's data and its erasure."""

from collections.abc import Mapping

from webapp.text.translated import Table, gettext

_PLACES: dict[str, str] = {
    "record": "The record, its further addresses and what searches read",
    "links": "Links with HubSpot, with the values of the last sync",
    "objects": "What was seen in HubSpot and not linked",
    "log": "Entries of the sync log",
    "edits": "Edits of the record",
    "merges": "Merges, with what would take them apart",
    "waiting": "Open questions, failures and unsent forms",
    "sending": "What waits to be sent to HubSpot",
    "events": "Messages from HubSpot that wait",
    "duplicates": "Possible duplicates",
    "previews": "What previews have planned",
    "files": "Uploaded CSV files, which go as a whole",
    "mentions": "Rows about others that mention the person",
}
PLACES = Table(_PLACES)
"""Where something of a person is kept."""

_UNCHANGED: dict[str, str] = {
    "records": "Other records whose own text mentions the person: change them on their pages",
    "settings": "Sync rules or other settings that name the person: change them there",
}
UNCHANGED = Table(_UNCHANGED)
"""What an erasure leaves, and why."""


def counted(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How much is kept where, in the order of the table."""
    return [(text, counts[name]) for name, text in PLACES.items() if counts.get(name)]


def left(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The data that stays and mentions them."""
    return [(text, counts[name]) for name, text in UNCHANGED.items() if counts.get(name)]


def in_hubspot() -> str:
    """The steps to take in HubSpot, which an erasure here does not touch."""
    return gettext(
        "Twinbook does not change HubSpot. If the person asked for it, delete the contact "
        "there permanently (Actions, Delete, Permanently delete); in any case no sync brings "
        "it back here."
    )
