"""The choice of a company: what a search finds, and which one is chosen."""

from flask import request

from webapp.errors import RefusedError
from webapp.store.records import records
from webapp.store.records.listing import lists as record_lists
from webapp.text.refusals import refused
from webapp.text.translated import gettext as _
from webapp.web.addresses import row_number
from webapp.web.services import page_session

_MOST = 12
_LONGEST_SEARCH = 300
_OF_CHOICE = ("no_such_company", "company_goes_too", "company_has_contacts", "no_such_status")


def company_choices(search: str, chosen_id: str) -> dict[str, object]:
    """The options of a company choice: the chosen one, then those that the search finds."""
    search = search.strip()[:_LONGEST_SEARCH]
    number = row_number(chosen_id)
    chosen = records.get(page_session(), "companies", number) if number is not None else None
    found = record_lists.choices(page_session(), search, _MOST) if search else []
    return {
        "company_search": search,
        "chosen_company": chosen,
        "found_companies": [company for company in found if company is not chosen],
    }


def choice_refused(error: RefusedError) -> str:
    """Why a form is shown again in which a company, or what becomes of contacts, was to be chosen.

    Raises:
        RefusedError: It is refused for something else.
    """
    if error.reason == "no_such_company" and not request.form.get("company_id"):
        return _("Choose a company first: find it by its name or domain.")
    if error.reason not in _OF_CHOICE:
        raise error
    return refused(error)
