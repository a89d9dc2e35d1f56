"""Texts of the lists of records: their columns, orders and filters, and what is done with many at once."""

COLUMNS = {"sync": "HubSpot", "changed": "Last change", "added": "Added"}
"""The columns that are no fields."""

ORDERS = {
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
"""The orders of a list."""

STATES = {"active": "Active", "inactive": "Inactive", "any": "All"}
"""Which records a list shows."""

WAYS = {
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
"""How the records stand with HubSpot that a list shows."""

EXCEPTIONS = {
    "pending": ("To be sent", "pending"),
    "held": ("Needs you", "held"),
    "failing": ("Failing", "failing"),
    "stopped": ("Sync stopped", ""),
    "gone": ("Gone in HubSpot", "gone"),
    "refused": ("Deleted for privacy", "gone"),
    "unlinked": ("Not linked", ""),
}
"""The badge of a record that is not in sync, and its kind; in sync goes without saying."""

VERB_LABELS = {
    "push": "Push to HubSpot",
    "status": "Set the status",
    "company": "Give another company",
    "deactivate": "Deactivate",
    "activate": "Activate",
    "stop": "Stop the sync",
    "resume": "Resume the sync",
    "delete": "Delete here",
}
"""What can be done with many records."""
