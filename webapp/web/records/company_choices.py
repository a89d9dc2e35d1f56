"""The choice of a company: what a search finds, and which one is chosen."""

from webapp.store.records import records
from webapp.store.records.listing import lists as record_lists
from webapp.web.addresses import row_number
from webapp.web.services import page_session

_MOST = 12
_LONGEST_SEARCH = 300


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
