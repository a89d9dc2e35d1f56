"""Every page for people, of the book that `tests.support.samples.everything` fills.

A page that is neither in `PAGES` nor in `UNSEEN` fails `tests/guards/pages/test_rendering.py`; one in `PAGES`
is checked there, in `tests/guards/pages/test_weight.py`, and in a browser by `tests/browser`.
"""

MISSING = ("/sync-log/nonsense", "/companies/99")
# Of the world below: every page for people, with what stands on it.
PAGES = [
    *("/", "/profile/notifications"),
    *("/companies", "/companies?linked=held", "/contacts", "/contacts?sort=changed"),
    *("/companies/1", "/contacts/1", "/contacts/1/edit", "/companies/1/edit", "/contacts/new"),
    *("/companies/1/history", "/contacts/1/history", "/companies/1/merge?q=n&other=2", "/contacts/1/push"),
    *("/companies/1/deletion", "/contacts/1/deletion", "/companies/deletion?which=all&q=n"),
    *("/companies/sharing?domain=nordlicht-verlag.de", "/contacts/sharing?email=a@b.de"),
    *("/companies/choices?company_search=n", "/custom-fields", "/custom-fields/1"),
    "/surroundings/home.index",
    *("/palette", "/palette?q=n", "/palette?q=zzz"),
    *("/integrations", "/integrations/hubspot", "/integrations/hubspot/disconnection"),
    *(
        "/integrations/hubspot/setup",
        "/integrations/hubspot/setup/preview",
        "/integrations/hubspot/setup/pull",
    ),
    *("/integrations/hubspot/fields/companies", "/integrations/hubspot/fields/contacts/first_name"),
    *("/integrations/hubspot/statuses", "/integrations/hubspot/rules/companies/in"),
    *("/sync-log", "/sync-log/reasons", "/runs/push", "/runs/pull"),
    *(f"/sync-log/{run_id}" for run_id in (1, 2, 3, 4, 5)),
    *("/sync-log/1/row", "/sync-log/1/mail", "/sync-log/1/undo", "/sync-log/1/undo?entry=2"),
    *("/sync-log/1/1/lost-values", "/sync-log/1/stream"),
    *("/held", "/held?open=r1", "/held?open=f1", "/held/records", "/held/not-imported", "/held/2/company"),
    *("/held/item/1", "/held/item/r1", "/held/item/f1", "/held/item/2"),
    *("/held/failing", "/held/failing?reason=refused_by_hubspot&property=email&type=contacts"),
    *("/duplicates", "/duplicates?type=contacts", "/duplicates?state=not_the_same", "/duplicates/merged"),
    *("/people", "/people/1", "/profile", "/audit", "/personal-data", "/settings", "/typed"),
    *("/duplicates/1", "/duplicates/1?all=1", "/duplicates/2?pair=1", "/duplicates/bulk"),
    *("/help", "/help/guide", "/help/first-steps"),
    *("/companies/changes?do=status&which=all", "/contacts/changes?do=company&which=all", "/contacts?q=a"),
    "/duplicates/bulk/apart",
    *("/companies/import", "/contacts/import", "/companies/import/2/columns"),
    *(f"/companies/import/{number}" for number in (1, 3, 4)),
    *MISSING,
]
# Pages that are not among them, and why.
UNSEEN = {
    "design.show": "only while developing, where tests/guards/pages/test_design.py looks at it",
    "mapping.fields": "leads to another",
    "rules.index": "leads to another",
    "rules.trial": "shows what the page of the rule shows",
    "previews.since": "asks HubSpot",
    "home.stream": "shows what the home page shows, and does not end",
    "integrations.stream": "shows what the pages with Pull and Push show, and does not end",
    "records.stream": "shows what the page of the record shows, and does not end",
    "sync_log.export": "has no template",
    "duplicates.export": "has no template",
    "audit.export": "has no template",
    "help.picture": "is a picture",
    "record_files.export": "has no template",
    "imports.export_bad_rows": "has no template",
}
# Forms that are shown again, with what is wrong in them.
FORMS: dict[str, dict[str, str]] = {
    "/people": {"name": "", "email": "", "role": "member"},
    "/profile": {"name": "", "email": ""},
    "/companies": {"name": "", "employees": "many"},
    "/companies/import": {},
    "/companies/import/2/columns": {},
    "/contacts/1": {"first_name": "Jonas", "email": "no address", "version": "1"},
    "/custom-fields": {"object_type": "companies", "name": "", "label": ""},
    "/integrations/hubspot/connection": {"token": ""},
    "/integrations/hubspot/rules/companies/in": {"do": "add:0"},
    "/integrations/hubspot/statuses/companies": {"check": "yes"},
    "/integrations/hubspot/fields/contacts/first_name": {"look": "yes", "property": "firstname"},
}
