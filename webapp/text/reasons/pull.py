"""Reasons of pulls."""

from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table

_LINKED: dict[str, Reason] = {
    "matched": Reason("It was found here already and linked instead of being created again."),
    "relinked": Reason("It was merged into another record in HubSpot; the link followed it."),
    "decided_link": Reason("Somebody decided that they are the same."),
    "decided_apart": Reason("Somebody decided that it is not the same, so it was added as a new record."),
    "decided_import": Reason("Somebody imported it although it had been left out."),
    "looks_like_another": Reason(
        "It looks like a record that is linked to another one in this portal: a possible duplicate.",
        "Compare the two; if they are the same, merge them.",
    ),
}
LINKED = Table(_LINKED)
"""A record was linked to what was already there."""

_LEFT_OUT: dict[str, Reason] = {
    "no_company": Reason(
        "The contact has no company in HubSpot.",
        "Give it a company in HubSpot, or give it one of yours under Needs you, Not imported.",
    ),
    "company_excluded": Reason(
        "The contact's company is excluded by the sync rules.",
        "Change the rules for companies, or give the contact another primary company.",
    ),
    "company_left_out": Reason(
        "Somebody left the contact's company out, or deleted it here.",
        "Import the company after all under Needs you, Not imported, and the contact follows; or give it one "
        "of yours.",
    ),
    "waiting_for_company": Reason(
        "The contact waits for its company and comes in as soon as the company is here.",
        "Decide about the company under Needs you or Not imported, or give the contact one of yours.",
    ),
    "rule_excluded": Reason(
        "The sync rules do not admit it.",
        "Change the rules, or the value that they ask for.",
    ),
    "undone": Reason(
        "An undo took it out of here again; no automatic sync brings it back.",
        "A Pull does, or import it after all under Needs you, Not imported.",
    ),
    "merged_here": Reason(
        "Its record was merged into another one here.",
        "Merge the two in HubSpot as well, or import it after all under Not imported.",
    ),
    "deleted_here": Reason(
        "It was deleted here. HubSpot was not changed, and no sync brings it back.",
        "Undo the deletion in the sync log, or bring it back under Needs you, Not imported.",
    ),
    "person_erased": Reason(
        "This person was erased here. HubSpot still has them, and no sync brings them back.",
        "Delete them in HubSpot as well; or bring them back under Needs you, Not imported.",
    ),
    "person_skipped": Reason(
        "A person chose to leave it out.", "Look again to reopen the decision, or import it after all."
    ),
    "stopped": Reason("A person stopped the sync of this record.", "Start it again on the record's page."),
    "stale_read": Reason("A newer version of it had already been applied, so this older one was ignored."),
}
LEFT_OUT = Table(_LEFT_OUT)
"""An object was left out."""

_HELD: dict[str, Reason] = {
    "several_candidates": Reason(
        "More than one record here could be the same.",
        "Compare them under Needs you and choose.",
    ),
    "undecided": Reason("It is linked or created when all objects of its kind have been read."),
    "doubtful_match": Reason(
        "A record here looks similar, but may not be the same.",
        "Compare them under Needs you and choose.",
    ),
    "email_of_another": Reason(
        "A record here that is linked to another one in HubSpot has its e-mail address.",
        "Correct the address of one of the two, merge the two in HubSpot, or keep this one apart.",
    ),
    "key_of_another": Reason(
        "It carries the key of a record here that is linked to another one: it is a copy of that one.",
        "Clear the property Twinbook ID of the copy in HubSpot, merge the two there, or keep this one apart.",
    ),
    "may_be_successor": Reason(
        "It looks like a record here whose own counterpart in HubSpot was deleted, or is not synced any "
        "more.",
        "Press Push on that record's page and choose this one, or keep this one apart.",
    ),
    "already_linked": Reason(
        "The record here that it matches is linked to another one in HubSpot.",
        "Merge the two in HubSpot, or say under Needs you that they are not the same.",
    ),
    "possible_duplicate": Reason(
        "It looks like another record here, and may be the same.",
        "Compare the two under Duplicates and decide.",
    ),
    "merged_in_hubspot": Reason(
        "Its counterpart was merged into another record in HubSpot, which is linked to another record here.",
        "Merge the two records here, or stop syncing this one.",
    ),
}
HELD = Table(_HELD)
"""An object waits for a person, or a record whose object was merged into another one's."""

_FIELD_LEFT_ALONE: dict[str, Reason] = {
    "value_too_long": Reason(
        "A value is longer than the field can hold; that field was left alone.",
        "Shorten the value in HubSpot.",
    ),
    "value_not_fitting": Reason(
        "A value does not fit the field's type; that field was left alone.",
        "Correct the value in HubSpot.",
    ),
    "status_unmapped": Reason(
        "The lifecycle stage has no status here; the status was left alone.",
        "Add it to the status mapping.",
    ),
    "option_unmapped": Reason(
        "An option in HubSpot has no counterpart here; that field was left alone.",
        "Give the option a counterpart in the field mapping.",
    ),
    "company_not_synced": Reason(
        "Its primary company in HubSpot is not here; it kept the company it has.",
        "Bring the company here; the contact follows with its next change in HubSpot, or with a Pull.",
    ),
    "company_lost": Reason(
        "It has no company in HubSpot any more; it kept the company it has here.",
        "Give it a company in HubSpot, or leave it as it is.",
    ),
}
FIELD_LEFT_ALONE = Table(_FIELD_LEFT_ALONE)
"""A field was left alone; the rest of the record was taken."""
