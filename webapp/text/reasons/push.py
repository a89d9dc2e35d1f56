"""Reasons of pushes."""

from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table

_SENT: dict[str, Reason] = {
    "found_by_key": Reason(
        "HubSpot had a record that carries this one's own key; it was updated and linked."
    ),
    "created_without_match_key": Reason(
        "It has no e-mail address to be found by in HubSpot, so a new one was made there.",
        "Add its e-mail address; merge the two in HubSpot if it was there already.",
    ),
    "outside_rules": Reason("The sync rules do not admit it; it was pushed because a person asked for it."),
    "linked_meanwhile": Reason("Another run linked it in the same moment.", "Push again to be sure."),
    "company_not_linked": Reason(
        "Its company is not linked to HubSpot, so the two were not associated there.",
        "Push the company, which takes its contacts along.",
    ),
    "associated": Reason("Its company here is now its primary company in HubSpot."),
    "associated_plainly": Reason("A company was added to it in HubSpot, beside its primary company."),
    "kept_by_hubspot": Reason(
        "HubSpot kept its own value: a lifecycle stage only moves forward.",
        "To move it back, clear the stage in HubSpot, then push again.",
    ),
    "property_unfit": Reason(
        "A field's property or option in HubSpot is missing or does not fit any more; that was not sent.",
        "Look at the field mapping, which says what is wrong, then push again.",
    ),
    "option_gone_there": Reason(
        "HubSpot does not offer this option any more; it was not sent.",
        "Add it there again, or give it another counterpart in the field mapping.",
    ),
    "joined_meanwhile": Reason(
        "The same was made in HubSpot at the same moment: ours was archived, the record linked to the other.",
    ),
    "gave_way_unlinked": Reason(
        "The same was made in HubSpot at the same moment: ours was archived, but the record could not be "
        "linked to the other any more.",
        "Look whether another record here is the same, and merge the two.",
    ),
}
SENT = Table(_SENT)
"""A push linked a record, or made its object."""

_LEFT_OUT: dict[str, Reason] = {
    "deactivated": Reason("The record is deactivated here.", "Activate it to push it."),
    "privacy_deleted": Reason(
        "HubSpot has deleted this person for privacy. It is unlinked, and nothing is sent there any more.",
        "On the Integrations page an administrator decides what happens to the rest of what is kept here.",
    ),
    "gone_in_hubspot": Reason(
        "Its counterpart was deleted in HubSpot.",
        "Press Push on the record's page to create it again, or leave it. For many records: "
        "filter the list by “Gone in HubSpot”, then Push and Make again.",
    ),
    "needs_unique_property": Reason(
        "Duplicate protection is missing in HubSpot, so a new record might be made twice.",
        "Create it on the Integrations page, then push again.",
    ),
    "not_created_by_itself": Reason(
        "It is new here, and new records are not created in HubSpot automatically.",
        "Push it, or switch automatic creation on.",
    ),
}
LEFT_OUT = Table(_LEFT_OUT)
"""A push left a record out."""

_HELD: dict[str, Reason] = {
    "made_meanwhile": Reason(
        "HubSpot's search did not show yet that another record, made at the same moment, may be the same.",
        "Compare the two; if they are the same, merge them in HubSpot. Otherwise say under Needs you that "
        "they are not.",
    ),
    "same_email_here": Reason(
        "Another record here has the same e-mail address and goes first.",
        "Merge the two records, or correct the address of one.",
    ),
    "same_domain_here": Reason(
        "Another company here has the same domain and goes first.",
        "Merge the two companies, or correct the domain of one.",
    ),
    "candidate_of_held": Reason(
        "It may be a record in HubSpot that waits for a decision, so it was not sent.",
        "Decide under Needs you whether the two are the same: you are asked once, at the one in HubSpot.",
    ),
    "candidate_of_skipped": Reason(
        "It may be a record in HubSpot that was skipped, so it was not sent.",
        "Decide whether the two are the same: skipping the one in HubSpot left that open.",
    ),
    "doubtful_at_hubspot": Reason(
        "A record in HubSpot looks similar, but may not be the same.",
        "Compare the two, and choose.",
    ),
    "several_at_hubspot": Reason(
        "More than one record in HubSpot could be the same.",
        "Choose one of them, or merge them in HubSpot and push again.",
    ),
    "object_linked": Reason(
        "The record in HubSpot that it matches is linked to another one here.",
        "Merge the two records here, or correct the e-mail address or domain of one.",
    ),
    "key_on_other": Reason(
        "A record in HubSpot carries this one's own key, and yet looks like another one.",
        "Link the two if they are the same; else clear the property Twinbook ID of the one in HubSpot, "
        "and push again.",
    ),
    "kept_apart_at_hubspot": Reason(
        "The record in HubSpot with its e-mail address is said to be somebody else.",
        "Correct the address here or in HubSpot, or link the two after all.",
    ),
    "email_taken_at_hubspot": Reason(
        "Another record in HubSpot has this e-mail address already.",
        "Correct the address here or in HubSpot, or merge the two there.",
    ),
}
HELD = Table(_HELD)
"""A push would have had to guess."""
