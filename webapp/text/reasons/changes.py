"""Reasons of deletions and of changes of many records."""

from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table

_CHANGED_HERE: dict[str, Reason] = {
    "being_sent": Reason(
        "It was being sent to HubSpot at that moment, so it was not deleted.",
        "Delete it once the push is over.",
    ),
    "has_contacts": Reason(
        "The company has contacts, and nobody chose what happens to them, so it was not deleted.",
        "Delete it again, and choose to delete its contacts too or to give them another company.",
    ),
    "deleted_already": Reason("It was not here any more."),
    "activated_here": Reason("It is active again."),
    "deactivated_here": Reason("It is now inactive: it is kept, but no longer sent."),
    "stopped_here": Reason("Its sync was stopped: it no longer syncs in either direction."),
    "resumed_here": Reason("It syncs again, beginning with what either side changed meanwhile."),
    "target_gone": Reason("The company that it was to be given is no longer here.", "Choose another one."),
    "not_syncing": Reason("It is not linked with HubSpot, so there is no sync to stop or resume."),
    "company_given": Reason("Its company was deleted, and it was given another one."),
}
CHANGED_HERE = Table(_CHANGED_HERE)
"""A record was deleted, changed or left here."""
