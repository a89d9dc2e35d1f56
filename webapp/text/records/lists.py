"""Texts of the lists of records: their columns, orders and filters, and what is done with many at once."""

from webapp.text.translated import Table

COLUMNS: Table[str, str] = Table({"sync": "HubSpot", "changed": "Last change", "added": "Added"})
"""The columns that are no fields."""

_ORDERS: dict[str, str] = {
    "": "Usual order",
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "domain": "Domain, A to Z",
    "-domain": "Domain, Z to A",
    "email": "E-mail, A to Z",
    "-email": "E-mail, Z to A",
    "changed": "Changed last",
    "-changed": "Changed first",
    "added": "Newest",
    "-added": "Oldest",
}
ORDERS = Table(_ORDERS)
"""The orders of a list."""

STATES: Table[str, str] = Table({"active": "Active", "inactive": "Inactive", "any": "All"})
"""Which records a list shows."""

_WAYS: dict[str, str] = {
    "any": "Linked or not",
    "in_sync": "In sync",
    "pending": "To be sent",
    "held": "Needs you",
    "failing": "Failing",
    "stopped": "Sync stopped",
    "gone": "Gone in HubSpot",
    "linked": "Linked",
    "unlinked": "Not linked",
    "excluded": "Excluded by the rules",
}
WAYS = Table(_WAYS)
"""How the records stand with HubSpot that a list shows."""

_EXCEPTIONS: dict[str, str] = {
    "pending": "To be sent",
    "held": "Needs you",
    "failing": "Failing",
    "stopped": "Sync stopped",
    "gone": "Gone in HubSpot",
    "refused": "Deleted for privacy",
    "unlinked": "Not linked",
}
EXCEPTIONS = Table(_EXCEPTIONS)
"""The badge of a record that is not in sync; in sync goes without saying."""

_VERB_LABELS: dict[str, str] = {
    "push": "Push to HubSpot",
    "status": "Set the status",
    "company": "Give another company",
    "deactivate": "Deactivate",
    "activate": "Activate",
    "stop": "Stop the sync",
    "resume": "Resume the sync",
    "delete": "Delete here",
}
VERB_LABELS = Table(_VERB_LABELS)
"""What can be done with many records."""
