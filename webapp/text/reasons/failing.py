"""Reasons why a record, or a row of a file, failed."""

from webapp.text.reasons.remedy import Reason
from webapp.text.translated import Table

_FAILED: dict[str, Reason] = {
    "refused_by_hubspot": Reason(
        "HubSpot refused it.",
        "Read HubSpot's answer below, correct the value, and push again.",
    ),
    "not_done_by_hubspot": Reason(
        "HubSpot could not take it just now, several times; the others were sent.",
        "It is sent again by itself in the next hour, where automatic push is on; or try it again yourself.",
    ),
    "fields_refused": Reason(
        "HubSpot refused some of its fields; all others were sent.",
        "Read HubSpot's answer below, correct the value or the field mapping, and push again.",
    ),
    "lookup_refused": Reason(
        "HubSpot refused to look it up, so it was not sent; the others were.",
        "Read HubSpot's answer below, correct its name, domain or e-mail address, and push again.",
    ),
    "association_refused": Reason(
        "HubSpot did not take its company as the primary one.",
        "Push the contact again; look at both in HubSpot if it repeats.",
    ),
    "association_not_done": Reason(
        "HubSpot could not make its company the primary one just now, several times; the others were done.",
        "It is tried again by itself in the next hour, where automatic push is on; or push the contact "
        "again.",
    ),
    "association_unreadable": Reason(
        "HubSpot's answer about its companies could not be read; the others went on.",
        "It is tried again by itself in the next hour, where automatic push is on; or push the contact "
        "again. If it repeats, report it with the details below.",
    ),
    "unreadable_object": Reason(
        "HubSpot's answer about it could not be read; the others went on.",
        "Look at it in HubSpot, then try it again; what was to be sent is tried again by itself in the next "
        "hour, where automatic push is on. If it repeats, report it with the details below.",
    ),
    # A row of a CSV file.
    "bad_row": Reason(
        "This row of the file has an error, so it was not imported.",
        "Download the rows with errors on the page of the import, fix them, and import that file.",
    ),
    "stored_before": Reason(
        "This row has already been imported from the same file, so it was skipped.",
        "To import it again anyway, say so where the columns of the file are chosen.",
    ),
    "unexpected": Reason(
        "Something unexpected went wrong with this record; the others were not affected.",
        "Try it again. If it repeats, report it with the details below.",
    ),
}
FAILED = Table(_FAILED)
"""It went wrong."""
