"""How a record can end, and why: two closed sets, each with its words for the screen, in one place."""

from msgspec import Struct

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
SKIPPED = "skipped"
HELD = "held"
FAILED = "failed"

OUTCOMES: dict[str, str] = {
    CREATED: "Created",
    UPDATED: "Updated",
    UNCHANGED: "Unchanged",
    SKIPPED: "Skipped",
    HELD: "Held",
    FAILED: "Failed",
}


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
    # It was left out.
    "no_company": Reason(
        "The contact has no company in HubSpot.",
        "Give it a company in HubSpot and pull again.",
    ),
    "company_excluded": Reason(
        "The contact's company is excluded by the sync rules.",
        "Change the rules for companies, or give the contact another primary company.",
    ),
    "company_not_here": Reason(
        "The contact's company was not imported.",
        "Look up the company under Held and Not imported, settle it there, and pull again.",
    ),
    "rule_excluded": Reason(
        "The sync rules do not admit it.",
        "Change the rules, or the value that they ask for.",
    ),
    "person_skipped": Reason("A person chose to leave it out.", "Open the Held list to decide again."),
    "stopped": Reason("A person stopped the sync of this record.", "Start it again on the record's page."),
    "stale_read": Reason("A newer state of it had been applied already, so this older one was set aside."),
    # It waits for a person.
    "several_candidates": Reason(
        "More than one record here could be the same.",
        "Compare them in the Held list and choose.",
    ),
    "doubtful_match": Reason(
        "A record here looks alike, but not surely the same.",
        "Compare them in the Held list and choose.",
    ),
    "already_linked": Reason(
        "The record here that it matches is linked to another HubSpot object.",
        "Merge the two objects in HubSpot, or keep this one apart in the Held list.",
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
    "company_not_synced": Reason(
        "Its primary company in HubSpot is not here; it kept the company it has.",
        "Pull the company, then the contact again.",
    ),
    "company_lost": Reason(
        "It has no company in HubSpot any more; it kept the company it has here.",
        "Give it a company in HubSpot, or leave it as it is.",
    ),
    "merged_in_hubspot": Reason(
        "Its object was merged into another one in HubSpot, which is linked to another record here.",
        "Merge the two records here, or stop syncing this one.",
    ),
    # It went wrong.
    "unexpected": Reason(
        "Something unforeseen went wrong with this record; the others went on.",
        "Try it again. If it repeats, report it with the details below.",
    ),
}

# Why a run waits, by the stable name of what it waits for.
WAITING: dict[str, str] = {
    "queue": "a worker to take it up",
    "other_run": "another run of this connection to end",
    "daily_limit": "HubSpot's daily call limit to start anew",
    "rate_limit": "HubSpot's call limit",
    "search_limit": "HubSpot's limit on searches",
    "lock": "HubSpot to unlock the records it is working on",
    "migration": "HubSpot to finish moving the account between its data centres",
    "hubspot_unreachable": "HubSpot to answer again",
    "hubspot_trouble": "HubSpot to recover from an error of its own",
    "redis": "the queue server (Redis) to answer again",
    "token_renewal": "another worker to renew the access to HubSpot",
    "database": "the database to accept writes again",
}

# Why a run failed: what happened and the remedy.
RUN_ERRORS: dict[str, Reason] = {
    "reconnect": Reason(
        "HubSpot no longer accepts the connection's token.",
        "Reconnect on the Integrations page, then start the run again: what was done stays done.",
    ),
    "missing_scopes": Reason(
        "The connection lacks a permission that this needs.",
        "Grant the missing scopes in HubSpot and reconnect on the Integrations page.",
    ),
    "refused": Reason("HubSpot refused the request.", "Read its answer; if it persists, report it."),
    "waited_too_long": Reason(
        "It waited a whole day without getting further.",
        "Find out what it waited for, then start it again: what was done stays done.",
    ),
    "disconnected": Reason("The portal was disconnected while it ran.", "Reconnect, then start it again."),
    "gone": Reason("HubSpot does not have the object any more.", "There is nothing left to decide."),
    "interrupted": Reason(
        "It was cut off before its end.",
        "Nothing to do: what it left is taken up again by itself.",
    ),
    "unexpected": Reason(
        "Something unforeseen went wrong.",
        "Start it again: what was done stays done. If it repeats, report it with the details.",
    ),
}
