"""Reasons where both sides had changed a record."""

from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table

_BOTH_CHANGED: dict[str, Reason] = {
    "overwritten": Reason(
        "Both sides had changed the same field since the last sync; the later edit was kept.",
        "The other value is kept here and can be put back.",
    ),
    "overtaken_by_pull": Reason(
        "It was edited here and not sent yet; the Pull took HubSpot's values.",
        "The previous values are listed under the changes.",
    ),
    "edited_meanwhile": Reason(
        "It was edited here after the Pull had been asked for; those fields were left alone.",
    ),
}
BOTH_CHANGED = Table(_BOTH_CHANGED)
"""Both sides had changed a record, and one of them kept its value; nobody has to decide."""
