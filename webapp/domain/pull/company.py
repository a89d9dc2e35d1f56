"""The company of a pulled contact that is known here, and the values that both sides hold afterwards."""

from collections.abc import Mapping as Values
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from webapp.domain.links.base import COMPANY
from webapp.domain.links.facts import LinkFacts
from webapp.domain.links.precedence import company_change
from webapp.domain.pull import merged_in_hubspot
from webapp.domain.pull.facts import Facts, Remote
from webapp.domain.pull.origin import Choice
from webapp.domain.pull.plan import Plan, Terms
from webapp.domain.records.values import Change, Value


def disputed_companies(remotes: Sequence[Remote], facts: Facts) -> list[str]:
    """The companies of contacts that have another one on both sides, unless what was merged into it is known.

    That may be all that has happened in HubSpot.
    """
    return sorted({str(one.company_id) for one in remotes if _is_disputed(one, facts)})


def _is_disputed(remote: Remote, facts: Facts) -> bool:
    if remote.company_id is None or remote.former_company_ids is not None:
        return False
    link = merged_in_hubspot.follow(remote, facts.links).link
    if link is None or link.remote_seen.get(COMPANY) in (None, remote.company_id):
        return False
    return facts.records[link.record_id].get(COMPANY) != link.local_seen.get(COMPANY)


class PulledCompany(NamedTuple):
    """A contact's company in HubSpot.

    `record_id` is the record here, `linked_id` the same if that is linked to the company's object, `change`
    what it would change here, and `reason` why the contact keeps the company that it has. `awaited` is the
    company's object where it is not here.
    """

    record_id: int | None = None
    linked_id: int | None = None
    change: Change | None = None
    reason: str | None = None
    awaited: str | None = None


def pulled_company(
    remote: Remote, record: Values[str, Value], link: LinkFacts | None, terms: Terms
) -> PulledCompany:
    """The company of a contact's object; none if only some fields are pulled."""
    if terms.mapping.object_type != "contacts" or terms.mapping.is_narrowed:
        return PulledCompany(awaited=link.awaited_company if link else None)
    company = terms.facts.company_of(remote)
    record_id = company.record_id if company else None
    change, reason = company_change(record.get(COMPANY), record_id, remote.company_id, link)
    linked_id = None if company is not None and company.is_merged else record_id
    awaited = remote.company_id if record_id is None else None
    return PulledCompany(record_id, linked_id, change, reason, awaited)


def with_known_company(
    link: LinkFacts | None, record: Values[str, Value], edited: Values[str, object]
) -> LinkFacts | None:
    """The link with the company in its base, if no sync has seen one and nobody has changed it since."""
    if link is None or COMPANY in link.local_seen or COMPANY in edited:
        return link
    return structs.replace(link, local_seen={**link.local_seen, COMPANY: record.get(COMPANY)})


def is_company_to_send(
    company: PulledCompany, record: Values[str, Value], link: LinkFacts, choice: Choice
) -> bool:
    """Whether a company chosen here is kept although HubSpot has another one."""
    is_taken = any(name == COMPANY for name, *_ in choice.taken)
    has_moved = record.get(COMPANY) != link.local_seen.get(COMPANY)
    return has_moved and not is_taken and record.get(COMPANY) != company.linked_id


def company_seen(plan: Plan, values: Values[str, Value]) -> Value:
    """Our side of a contact's base after a pull, without a company that is still to be sent."""
    value = values.get(COMPANY)
    before = plan.link.local_seen.get(COMPANY) if plan.link else None
    if COMPANY in plan.kept:
        return before
    is_same = COMPANY in plan.values or value == plan.company_id
    is_first = plan.link is None or COMPANY not in plan.link.local_seen
    return value if is_same or is_first else before
