"""The outcomes of a record in a run. The reason of each is explained by `webapp.text.reasons`."""

CREATED = "created"
UPDATED = "updated"
UNCHANGED = "unchanged"
SKIPPED = "skipped"
HELD = "held"
FAILED = "failed"

FIELDS_REFUSED = "fields_refused"
"""The reason of a record that was sent less some fields: it is created or updated, and fails in part."""

PROPERTY_UNFIT = "property_unfit"
"""The reason of a record of which something waits until HubSpot has its property or option again."""

OPTION_GONE = "option_gone_there"
"""Why an option of such a record was not sent: HubSpot does not offer it any more."""

UNDECIDED = "undecided"
"""The reason of an object about which its pull decides when all of its type have been read."""

UNSETTLED = "not_done_by_hubspot"
"""The reason of a record that HubSpot could not take just now: nobody knows whether it has."""

ASSOCIATION_UNSETTLED = "association_not_done"
"""The same of a contact's company in HubSpot."""

ASSOCIATION_UNREADABLE = "association_unreadable"
"""The reason of a contact whose companies in HubSpot are not known, as the answer about them is odd."""

PASSING = (UNSETTLED, "unreadable_object", ASSOCIATION_UNSETTLED, ASSOCIATION_UNREADABLE)
"""The reasons of failures of a push that may pass by themselves: it is tried again in another hour."""

IN_PART = (FIELDS_REFUSED, PROPERTY_UNFIT)
"""The reasons of records that fail in part."""

OUTCOMES = (CREATED, UPDATED, UNCHANGED, SKIPPED, HELD, FAILED)
"""All of them, in the order in which screens and files show them."""
