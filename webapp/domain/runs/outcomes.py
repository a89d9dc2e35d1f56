"""How a record can end in a run. Why it ended so is a reason, which `webapp.text.reasons` explains."""

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
SKIPPED = "skipped"
HELD = "held"
FAILED = "failed"

OUTCOMES = (CREATED, UPDATED, UNCHANGED, SKIPPED, HELD, FAILED)
"""All of them, in the order in which screens and files show them."""
