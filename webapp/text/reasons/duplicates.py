"""Reasons of merges of possible duplicates."""

from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table

_MERGED: dict[str, Reason] = {
    "merged_duplicate": Reason("Another record that may be the same was merged into it here."),
    "merged_both": Reason(
        "Another record was merged into it, here and in HubSpot.",
        "Undo takes the records here apart again; HubSpot cannot take a merge back.",
    ),
    "merged_in_this_run": Reason(
        "One of the two was merged with another record in the same run, so it was left.",
        "Look at what is left under Duplicates, and merge once more.",
    ),
    "not_alike_now": Reason(
        "The two have been changed since they were found, and no longer look that much alike.",
        "Compare them under Duplicates and decide.",
    ),
    "one_gone_meanwhile": Reason(
        "One of the two is not here any more, so there was nothing to merge.",
        "Look in the audit log for who deleted or merged it.",
    ),
    "kept_apart_since": Reason(
        "Somebody marked the two as not the same in the meantime, so they were left.",
        "If they are the same after all, ask again under Duplicates, Not the same.",
    ),
    "not_in_sync_now": Reason(
        "One of the two has not been in sync with HubSpot since, so nothing was merged.",
        "Merge the two here alone, or sync it again first.",
    ),
    "merge_refused": Reason(
        "HubSpot refused to merge the two, so the records here were left as well.",
        "Read HubSpot's answer below; merge the two here alone, or by hand in HubSpot.",
    ),
    "merge_object_gone": Reason(
        "One of the two is not in HubSpot any more, so nothing was merged.",
        "Pull the record, then merge the two here.",
    ),
    "kept_apart": Reason(
        "Somebody marked everything in a filtered list as not the same.",
        "Undo the run, or ask again under Duplicates, Not the same.",
    ),
    "asked_again": Reason("After an undo you are asked again whether the two are the same."),
    "taken_apart": Reason("A merge was taken back: the record that had gone is here again."),
    "undo_merge_gone": Reason(
        "The merge has already been taken back, or can no longer be taken back, so nothing was done."
    ),
}
MERGED = Table(_MERGED)
"""Possible duplicates were merged, taken apart, or left."""
