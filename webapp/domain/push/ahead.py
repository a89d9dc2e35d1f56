"""Work that a push may do ahead: look up the next page's objects, and send contacts before all companies.

A linked record's object is read by its id, which no other record's push changes. An unlinked record may turn
out to be an object that the previous page creates or changes: then the look-up would come too early.

HubSpot allows five searches a second, and new companies have to be searched for; contacts need no search and
fill the time.
"""

from collections.abc import Iterable, Iterator, Sequence

from webapp.domain.mapping.incoming import further_domains
from webapp.domain.push.decide import Candidates
from webapp.domain.push.facts import FoundObject, Local
from webapp.domain.push.recognition.recognition import plain_name
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import domain_key, email_key

# One search is answered before a page of contacts could be sent.
_MANY_SEARCHES = 2


def shares_signs(
    sent: Sequence[Local], candidates: Candidates, behind: Sequence[Local], object_type: ObjectType
) -> bool:
    """Whether an unlinked record of the next page may be found by a value sent with the page before.

    Args:
        sent: The records of the page ahead.
        candidates: By record, the objects found for these.
        behind: The records of the page behind it.
        object_type: What they are.
    """
    sought = {sign for local in behind if not local.is_linked for sign in _of_record(local, object_type)}
    if not sought:
        return False
    left = (
        sign
        for local in sent
        for some in (
            _of_record(local, object_type),
            *(_of_object(one, object_type) for one in candidates.get(local.id, ())),
        )
        for sign in some
    )
    return any(sign in sought for sign in left)


def next_type(*, searches: int, are_answered: bool, are_contacts_ready: bool) -> ObjectType:
    """The object type that is sent next while there are companies left.

    Args:
        searches: How many searches the next companies need.
        are_answered: Whether HubSpot has answered them.
        are_contacts_ready: Whether there is a full page of contacts whose companies need not be waited for.
    """
    if is_worth_filling(searches=searches, are_answered=are_answered) and are_contacts_ready:
        return "contacts"
    return "companies"


def is_worth_filling(*, searches: int, are_answered: bool) -> bool:
    """Whether the search for the next companies takes long enough to send contacts meanwhile."""
    return searches >= _MANY_SEARCHES and not are_answered


def awaited_company(contacts: Iterable[Local], *, done_until: int) -> int | None:
    """The last company that one of these contacts has to wait for; None if all may be sent.

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


def _of_record(local: Local, object_type: ObjectType) -> Iterator[str]:
    """The keys by which a record is found."""
    yield from local.met_ids
    yield from (one.remote_id for one in local.questions)
    if local.chosen_id is not None:
        yield local.chosen_id
    if object_type == "contacts":
        yield from local.addresses
    else:
        yield from (sign for sign in (local.key, plain_name(local.values.get("name"))) if sign)


def _of_object(remote: FoundObject, object_type: ObjectType) -> Iterator[str]:
    has = remote.properties.get
    yield remote.id
    if object_type == "contacts":
        given = (has("email"), *(has("hs_additional_emails") or "").split(";"))
        yield from (sign for one in given if (sign := email_key(one)))
    else:
        given_domains = (domain_key(has("domain")), *further_domains(remote.properties))
        yield from (sign for sign in (*given_domains, plain_name(has("name"))) if sign)
