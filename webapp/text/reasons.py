"""Why a record ended in a run as it did: what stands under its badge, and what a person can do about it."""

from msgspec import Struct


class Reason(Struct, frozen=True):
    """Why a record ended as it did: what happened, and what a person can do about it (may be nothing)."""

    text: str
    remedy: str = ""


REASONS: dict[str, Reason] = {
    # A record was linked to what was already there.
    "matched": Reason("It was found here already and linked instead of being created again."),
    "relinked": Reason("The object was merged into another one in HubSpot; the link followed it."),
    "decided_link": Reason("A person said that they are the same."),
    "decided_apart": Reason("A person said that it is somebody else, so it was added as a new record."),
    "decided_import": Reason("A person asked for it although it had been left out."),
    "looks_like_another": Reason(
        "It looks like a record that is linked to another object of this portal: a possible duplicate.",
        "Compare the two; if they are the same, merge them.",
    ),
    # It was left out.
    "no_company": Reason(
        "The contact has no company in HubSpot.",
        "Give it a company in HubSpot, or give it one of yours under Needs you, Not imported.",
    ),
    "company_excluded": Reason(
        "The contact's company is excluded by the sync rules.",
        "Change the rules for companies, or give the contact another primary company.",
    ),
    "waiting_for_company": Reason(
        "The contact waits for its company, and comes in as soon as that is here.",
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
        "Merge the two objects in HubSpot as well, or import it after all under Not imported.",
    ),
    "deleted_here": Reason(
        "It was deleted here. HubSpot was not touched, and no sync brings it back.",
        "Undo the deletion in the sync log, or bring it back under Needs you, Not imported.",
    ),
    "person_skipped": Reason(
        "A person chose to leave it out.", "Look again to decide anew, or import it after all."
    ),
    "stopped": Reason("A person stopped the sync of this record.", "Start it again on the record's page."),
    "stale_read": Reason("A newer state of it had been applied already, so this older one was set aside."),
    # It waits for a person.
    "several_candidates": Reason(
        "More than one record here could be the same.",
        "Compare them under Needs you and choose.",
    ),
    "doubtful_match": Reason(
        "A record here looks alike, but not surely the same.",
        "Compare them under Needs you and choose.",
    ),
    "email_of_another": Reason(
        "A record here that is linked to another object in HubSpot has its e-mail address.",
        "Correct the address of one of the two, merge the two objects in HubSpot, or keep this one apart.",
    ),
    "key_of_another": Reason(
        "It carries the key of a record here that is linked to another object: it is a copy of that one.",
        "Clear the property Twinbook ID of the copy in HubSpot, merge the two there, or keep this one apart.",
    ),
    "may_be_successor": Reason(
        "It looks like a record here whose own object in HubSpot was deleted, or is not synced any more.",
        "Press Push on that record's page and choose this object, or keep this one apart.",
    ),
    "already_linked": Reason(
        "The record here that it matches is linked to another HubSpot object.",
        "Merge the two objects in HubSpot, or say under Needs you that they are not the same.",
    ),
    "possible_duplicate": Reason(
        "It looks like another record here, and may be the same.",
        "Compare the two under Duplicates and decide.",
    ),
    # A merge of possible duplicates.
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
        "The two were changed since they were found, and do not look as much alike any more.",
        "Compare them under Duplicates and decide.",
    ),
    "merge_refused": Reason(
        "HubSpot refused to merge the two objects, so the records here were left as well.",
        "Read HubSpot's words below; merge the two here alone, or by hand in HubSpot.",
    ),
    "merge_object_gone": Reason(
        "One of the two objects is not in HubSpot any more, so nothing was merged.",
        "Pull the record, then merge the two here.",
    ),
    "kept_apart": Reason(
        "A person said of all that a filter showed that they are not the same.",
        "Undo the run, or ask again under Duplicates, Not the same.",
    ),
    "asked_again": Reason("An undo has it asked again whether the two are the same."),
    "taken_apart": Reason("A merge was taken back: the record that had gone is here again."),
    "undo_merge_gone": Reason(
        "The merge was taken back already, or cannot be taken back any more, so nothing was done."
    ),
    # A field was left alone; the rest of the record was taken.
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
    "merged_in_hubspot": Reason(
        "Its object was merged into another one in HubSpot, which is linked to another record here.",
        "Merge the two records here, or stop syncing this one.",
    ),
    # An undo put it back.
    "undone_removed": Reason("The run had made it, and nobody has touched it since: it was removed again."),
    "undone_inactive": Reason("It was inactive before, and is so again."),
    "undone_deactivated": Reason(
        "The run had made it, and it was changed since: it was deactivated and unlinked, not removed.",
        "Activate it on its page to keep it.",
    ),
    "undone_revived": Reason("It had been removed here; it is back as it was."),
    "undone_in_part": Reason("Some of its fields were changed since and were left alone."),
    "undone_less_refused": Reason(
        "HubSpot refused some of the fields that were to be put back; the others were.",
        "Read HubSpot's words below, and correct these fields there by hand.",
    ),
    "changed_since": Reason("It was changed since, so it was left alone.", "Edit it by hand if need be."),
    "undone_archived": Reason(
        "The run had made it in HubSpot, and nobody has touched it there since: it was archived.",
        "HubSpot keeps what is archived for 90 days, and can restore it.",
    ),
    "undone_association": Reason("Its primary company in HubSpot is the one before again."),
    "undo_keeps_created": Reason(
        "The run had made it in HubSpot, and this undo was not to archive anything.",
        "Undo the run once more and say yes to archiving, or delete it in HubSpot.",
    ),
    "undo_object_touched": Reason(
        "The run had made it in HubSpot, and somebody has worked on it since, so it was left alone.",
        "Delete it in HubSpot if nobody needs it.",
    ),
    "undo_not_sent": Reason(
        "The field is not sent to HubSpot any more, so it was left alone.",
        "Correct it in HubSpot, or map the field again.",
    ),
    "undo_merged_there": Reason(
        "Its object was merged into another one in HubSpot, which was left alone.",
        "Correct the other object in HubSpot by hand if need be.",
    ),
    "undo_archived_stays": Reason(
        "An undo had archived it in HubSpot, and only HubSpot can bring it back.",
        "Restore it there, or press Push on the record's page to create it anew.",
    ),
    "undo_refused_by_hubspot": Reason(
        "HubSpot refused what was to be put back.",
        "Read HubSpot's words below, and correct it there by hand.",
    ),
    "undo_not_here": Reason("The record is not here any more, so there was nothing to put back."),
    # A push linked it, or made its object.
    "found_by_key": Reason(
        "HubSpot had an object that carries this record's own key; it was updated and linked."
    ),
    "created_without_match_key": Reason(
        "It has no e-mail address to be found by in HubSpot, so a new object was made.",
        "Add its e-mail address; merge the two in HubSpot if it was there already.",
    ),
    "outside_rules": Reason("The sync rules do not admit it; it was pushed because a person asked for it."),
    "linked_meanwhile": Reason("Another run linked it in the same moment.", "Push again to be sure."),
    "company_not_linked": Reason(
        "Its company is not linked to HubSpot, so the two were not associated there.",
        "Push the company, which takes its contacts along.",
    ),
    "associated": Reason("Its company here is now its primary company in HubSpot."),
    "kept_by_hubspot": Reason(
        "HubSpot kept its own value: a lifecycle stage only moves forward.",
        "To move it back, clear the stage in HubSpot, then push again.",
    ),
    "property_unfit": Reason(
        "A field's property in HubSpot is missing or does not fit it any more; that field was not sent.",
        "Look at the field mapping, which says what is wrong, then push again.",
    ),
    "joined_meanwhile": Reason(
        "The same was made in HubSpot at the same moment: ours was archived, the record linked to the other.",
    ),
    # A push left it out.
    "deactivated": Reason("The record is deactivated here.", "Activate it to push it."),
    "privacy_deleted": Reason(
        "HubSpot has deleted this person for privacy. It is unlinked, and nothing is sent there any more.",
        "An administrator decides on the Integrations page what becomes of the rest that is kept here.",
    ),
    "gone_in_hubspot": Reason(
        "Its object was deleted in HubSpot.",
        "Press Push on the record's page to create it anew, or leave it. For many: the list, "
        "filtered by “Gone in HubSpot”, Push, Make again.",
    ),
    "needs_unique_property": Reason(
        "HubSpot lacks the unique property by which a new object is never made twice.",
        "Create it on the Integrations page, then push again.",
    ),
    # A push would have had to guess.
    "made_meanwhile": Reason(
        "HubSpot's search did not show yet that another object, made at the same moment, may be the same.",
        "Compare the two; if they are the same, merge them in HubSpot. Else say under Needs you that they "
        "are not.",
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
        "A held object in HubSpot may be this record, so nothing is made or linked before a person decides.",
        "Decide about it under Needs you; a decision on either side counts for both.",
    ),
    "doubtful_at_hubspot": Reason(
        "An object in HubSpot looks alike, but not surely the same.",
        "Compare the two, and choose.",
    ),
    "several_at_hubspot": Reason(
        "More than one object in HubSpot could be the same.",
        "Choose one of them, or merge them in HubSpot and push again.",
    ),
    "object_linked": Reason(
        "The object in HubSpot that it matches is linked to another record here.",
        "Merge the two records here, or correct the e-mail address or domain of one.",
    ),
    "not_created_by_itself": Reason(
        "It is new here, and new records are not created in HubSpot by themselves.",
        "Push it, or switch automatic creation on.",
    ),
    "edited_meanwhile": Reason(
        "It was edited here after the Pull had been asked for; those fields were left alone.",
    ),
    "overwritten": Reason(
        "Both sides had changed the same field since the last sync; the later edit was kept.",
        "The other value stands here and can be put back.",
    ),
    "overtaken_by_pull": Reason(
        "It was edited here and not sent yet; the Pull took HubSpot's values.",
        "The values before stand in the changes.",
    ),
    "key_on_other": Reason(
        "An object in HubSpot carries this record's own key, and yet looks like another one.",
        "Link the two if they are the same; else clear the property Twinbook ID of that object in HubSpot, "
        "and push again.",
    ),
    "kept_apart_at_hubspot": Reason(
        "The object in HubSpot with its e-mail address is said to be somebody else.",
        "Correct the address here or in HubSpot, or link the two after all.",
    ),
    "email_taken_at_hubspot": Reason(
        "Another object in HubSpot has this e-mail address already.",
        "Correct the address here or in HubSpot, or merge the two objects there.",
    ),
    # A deletion left it, or moved it.
    "being_sent": Reason(
        "It was being sent to HubSpot at that moment, so it was not deleted.",
        "Delete it once the push is over.",
    ),
    "has_contacts": Reason(
        "The company has contacts, and nobody said what becomes of them, so it was not deleted.",
        "Delete it again, and choose to delete its contacts too or to give them another company.",
    ),
    "deleted_already": Reason("It was not here any more."),
    "activated_here": Reason("It is active again."),
    "deactivated_here": Reason("It is inactive now: it is kept, and not sent any more."),
    "stopped_here": Reason("Its sync was stopped: nothing of it goes either way any more."),
    "resumed_here": Reason("It syncs again, beginning with what either side changed meanwhile."),
    "target_gone": Reason("The company that it was to get is not here any more.", "Choose another one."),
    "not_syncing": Reason("It is not linked with HubSpot, so there is no sync to stop or resume."),
    "company_given": Reason("Its company was deleted, and it was given another one."),
    # It went wrong.
    "refused_by_hubspot": Reason(
        "HubSpot refused it.",
        "Read HubSpot's words below, correct the value, and push again.",
    ),
    "fields_refused": Reason(
        "HubSpot refused some of its fields; all others were sent.",
        "Read HubSpot's words below, correct the value or the field mapping, and push again.",
    ),
    "lookup_refused": Reason(
        "HubSpot refused to look it up, so it was not sent; the others were.",
        "Read HubSpot's words below, correct its name, domain or e-mail address, and push again.",
    ),
    "association_refused": Reason(
        "HubSpot did not take its company as the primary one.",
        "Push the contact again; look at both in HubSpot if it repeats.",
    ),
    "association_unreadable": Reason(
        "HubSpot's answer about its companies could not be read; the others went on.",
        "Push the contact again. If it repeats, report it with the details below.",
    ),
    "unreadable_object": Reason(
        "HubSpot's answer about it could not be read; the others went on.",
        "Look at it in HubSpot, then try it again. If it repeats, report it with the details below.",
    ),
    # A row of a CSV file.
    "bad_row": Reason(
        "This row of the file has an error, so it was not imported.",
        "Download the rows with errors on the page of the import, mend them, and import that file.",
    ),
    "stored_before": Reason(
        "This row was imported from the same file before, so it was left alone.",
        "To import it again all the same, say so where the columns of the file are chosen.",
    ),
    "unexpected": Reason(
        "Something unforeseen went wrong with this record; the others went on.",
        "Try it again. If it repeats, report it with the details below.",
    ),
}

_FIRST_OF: dict[str, str] = {
    "matched": "It was linked to what was there already",
    "no_company": "It was left out",
    "several_candidates": "A pull left it to a person",
    "merged_duplicate": "Possible duplicates were merged",
    "value_too_long": "A field was left alone, the rest was taken",
    "undone_removed": "An undo put it back",
    "found_by_key": "A push linked it, or made its object",
    "deactivated": "A push left it out",
    "made_meanwhile": "A push left it to a person",
    "being_sent": "A deletion left it, or moved it",
    "refused_by_hubspot": "It went wrong",
}
"""The heading that stands before each of these reasons where all are explained."""


def explained() -> list[tuple[str, list[tuple[str, Reason]]]]:
    """Every reason with its stable name, under headings."""
    groups: list[tuple[str, list[tuple[str, Reason]]]] = []
    for name, reason in REASONS.items():
        if name in _FIRST_OF:
            groups.append((_FIRST_OF[name], []))
        groups[-1][1].append((name, reason))
    return groups


def reason(name: str) -> Reason:
    """The texts of a reason; an unknown name stands for itself."""
    return REASONS.get(name, Reason(name))
