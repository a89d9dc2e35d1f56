"""Reasons of undos."""

from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table

_PUT_BACK: dict[str, Reason] = {
    # A preview of an undo gives the same reasons: what is done, or would be, stands beside them.
    "undone_removed": Reason("The run had created it, and nobody has changed it since."),
    "undone_inactive": Reason("It was inactive before, and is so again."),
    "undone_deactivated": Reason(
        "The run had created it, and it has been changed since: it is deactivated and unlinked, not removed.",
        "Activate it on its page to keep it.",
    ),
    "undone_revived": Reason("It had been removed here; it is back as it was."),
    "undone_in_part": Reason("Some of its fields were changed since and were left alone."),
    "undone_less_refused": Reason(
        "HubSpot refused some of the fields that were to be put back; the others were.",
        "Read HubSpot's answer below, and correct these fields there by hand.",
    ),
    "undo_erased": Reason(
        "What the run had written has since been erased at the person's request, so nothing can be put back.",
        "Add them again if they should be here.",
    ),
    "changed_since": Reason("It was changed since, so it was left alone.", "Edit it by hand if need be."),
    "undone_archived": Reason(
        "The run had created it in HubSpot, and nobody has changed it there since.",
        "HubSpot keeps what is archived for 90 days, and can restore it.",
    ),
    "undone_association": Reason("Its primary company in HubSpot is the one before again."),
    "undone_plain_association": Reason(
        "Beside its primary company it has the companies in HubSpot again that it had before."
    ),
    "undo_keeps_created": Reason(
        "The run had created it in HubSpot, and this undo was not meant to archive anything.",
        "Undo the run once more and say yes to archiving, or delete it in HubSpot.",
    ),
    "undo_object_touched": Reason(
        "The run had created it in HubSpot, and somebody has worked on it since, so it was left as it is.",
        "Delete it in HubSpot if nobody needs it.",
    ),
    "undo_not_sent": Reason(
        "The field is not sent to HubSpot any more, so it was left alone.",
        "Correct it in HubSpot, or map the field again.",
    ),
    "undo_merged_there": Reason(
        "Its counterpart was merged into another record in HubSpot, which was left alone.",
        "Correct the other record in HubSpot by hand if need be.",
    ),
    "undo_company_gone": Reason(
        "The company that it had before is not in HubSpot any more, so its company was left as it is.",
        "Restore the company in HubSpot, or choose another one there.",
    ),
    "undo_archived_stays": Reason(
        "An undo had archived it in HubSpot, and only HubSpot can bring it back.",
        "Restore it there, or press Push on the record's page to create it again.",
    ),
    "undo_refused_by_hubspot": Reason(
        "HubSpot refused what was to be put back.",
        "Read HubSpot's answer below, and correct it there by hand.",
    ),
    "undo_not_here": Reason("The record is not here any more, so there was nothing to put back."),
}
PUT_BACK = Table(_PUT_BACK)
"""An undo put it back, or left it alone."""
