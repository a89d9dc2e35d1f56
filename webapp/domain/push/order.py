"""In which order a push goes through its pages: companies first, and contacts while these are searched for.

HubSpot allows five searches a second, and new companies have to be searched for; contacts are found without.
"""

from collections.abc import Iterable

from webapp.domain.push.facts import Local
from webapp.domain.records.fields import ObjectType

# The answer to one search is there before a page of contacts would be sent.
_MANY_SEARCHES = 2


def next_type(*, searches: int, are_answered: bool, are_contacts_ready: bool) -> ObjectType:
    """What is sent next while there are companies left.

    Args:
        searches: How many searches the next companies need.
        are_answered: Whether HubSpot has answered them.
        are_contacts_ready: Whether there is a full page of contacts whose companies need not be waited for.
    """
    if is_worth_filling(searches=searches, are_answered=are_answered) and are_contacts_ready:
        return "contacts"
    return "companies"


def is_worth_filling(*, searches: int, are_answered: bool) -> bool:
    """Whether the next companies take so long to be found that contacts may be sent meanwhile."""
    return searches >= _MANY_SEARCHES and not are_answered


def awaited_company(contacts: Iterable[Local], *, done_until: int) -> int | None:
    """The last company that one of these contacts has to wait for; None where all may be sent.

    Args:
        contacts: The contacts.
        done_until: Companies up to this number have been sent, or left out for good.
    """
    return max(
        (
            number
            for contact in contacts
            if contact.company_remote_id is None
            and isinstance(number := contact.values.get("company_id"), int)
            and number > done_until
        ),
        default=None,
    )
