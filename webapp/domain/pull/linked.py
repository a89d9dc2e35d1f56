"""Plans an object whose record is known, by its link or by a match."""

from collections.abc import Sequence
from typing import Any

from webapp.domain.links.base import COMPANY
from webapp.domain.links.conflicts import Overwritten, as_detail
from webapp.domain.links.facts import LinkFacts
from webapp.domain.links.precedence import has_more_to_send, pulled_changes
from webapp.domain.mapping.incoming import Incoming
from webapp.domain.pull.company import (
    PulledCompany,
    is_company_to_send,
    pulled_company,
    with_known_company,
)
from webapp.domain.pull.facts import Remote
from webapp.domain.pull.merged_in_hubspot import relinked
from webapp.domain.pull.origin import Choice, Meeting, of_link
from webapp.domain.pull.plan import Plan, Terms
from webapp.domain.runs import outcomes


def plan_linked(remote: Remote, link: LinkFacts, former: tuple[str, ...], terms: Terms) -> Plan:
    """The plan for a linked object: neither the rules nor matching matter.

    Args:
        remote: The object.
        link: Its link, or that of an object merged into it.
        former: Further objects that were merged into it and are linked.
        terms: What the page is planned by.
    """
    if link.state in ("stopped", "refused"):
        return left(remote, link, "stopped" if link.state == "stopped" else "privacy_deleted", terms)
    reason = relinked(remote, link)
    return plan_update(remote, link.record_id, terms, link=link, reason=reason, former=former)


def left(remote: Remote, link: LinkFacts | None, reason: str, terms: Terms) -> Plan:
    """The plan for an object that stays unchanged, with its link if it has one."""
    return Plan(
        remote=remote,
        verb="leave",
        outcome=outcomes.SKIPPED,
        reason=reason,
        name=terms.name_of(remote),
        record_id=link.record_id if link is not None else None,
        link=link,
    )


def plan_update(
    remote: Remote,
    record_id: int,
    terms: Terms,
    *,
    link: LinkFacts | None = None,
    reason: str | None = None,
    former: tuple[str, ...] = (),
) -> Plan:
    """The plan that brings a linked, or newly linked, record to HubSpot's state."""
    incoming, record = remote.read(terms.mapping), terms.facts.records[record_id]
    company = pulled_company(remote, record, link, terms)
    choice = _choice(remote, record_id, link, terms, company)
    if _is_overtaken(record_id, incoming, link, terms, choice=choice, company=company):
        reason = reason or "overtaken_by_pull"
    added = _added_addresses(record_id, incoming, terms)
    is_unchanged = link is not None and not choice.taken and not added and reason is None and not former
    return Plan(
        remote=remote,
        verb="touch" if is_unchanged else "update",
        outcome=_outcome(choice, is_unchanged=is_unchanged),
        reason=reason or choice.reason or company.reason or incoming.first_reason,
        name=terms.name_of(remote),
        record_id=record_id,
        link=link,
        values={name: new for name, _old, new in choice.taken},
        changes=choice.taken,
        incoming=incoming,
        detail=_detail(incoming, choice.overwritten, added),
        former_ids=former,
        kept=_kept(record_id, link, terms, choice, company),
        company_id=company.linked_id,
        awaited_company=company.awaited,
        in_flight=terms.facts.in_flight.get(record_id, frozenset()),
    )


def _choice(
    remote: Remote, record_id: int, link: LinkFacts | None, terms: Terms, company: PulledCompany
) -> Choice:
    """The changes that HubSpot's values make, and those that an edit here prevents."""
    incoming, mapping = remote.read(terms.mapping), terms.mapping
    record, edited_at = terms.facts.records[record_id], terms.facts.edited_at.get(record_id, {})
    changes = pulled_changes(
        incoming, record, link.local_seen if link else {}, link.remote_seen if link else {}, mapping
    )
    if company.change is not None:
        changes.append(company.change)
        link = with_known_company(link, record, edited_at)
    in_flight = terms.facts.in_flight.get(record_id, frozenset())
    changes = [change for change in changes if change[0] not in in_flight]
    meeting = Meeting(
        *(incoming, link, mapping, edited_at, remote.times_there()),
        updated_at=remote.updated_at,
        company_id=remote.company_id,
        former_company_ids=remote.former_company_ids or (),
    )
    return of_link(terms.origin, link).choose(changes, meeting)


def _kept(
    record_id: int, link: LinkFacts | None, terms: Terms, choice: Choice, company: PulledCompany
) -> frozenset[str]:
    """The fields that keep an edit here, with the company if HubSpot's is not here."""
    kept = frozenset(name for name, *_ in choice.kept)
    is_edited = COMPANY in terms.facts.edited_at.get(record_id, {})
    if link is None or not is_edited:
        return kept
    is_to_send = is_company_to_send(company, terms.facts.records[record_id], link, choice)
    return kept | {COMPANY} if is_to_send else kept


def _is_overtaken(
    record_id: int,
    incoming: Incoming,
    link: LinkFacts | None,
    terms: Terms,
    *,
    choice: Choice,
    company: PulledCompany,
) -> bool:
    """Whether a waiting edit has nothing left to send once this is written."""
    record = terms.facts.records[record_id]
    return (
        link is not None
        and bool(choice.taken)
        and not choice.kept
        and of_link(terms.origin, link).overtakes_edits
        and record_id in terms.facts.unsent
        and not terms.mapping.is_narrowed
        and not has_more_to_send(record, incoming, link)
        and not is_company_to_send(company, record, link, choice)
    )


def _added_addresses(record_id: int, incoming: Incoming, terms: Terms) -> list[str]:
    """The additional addresses that are new here."""
    known = terms.facts.addresses.get(record_id, ())
    return [] if terms.mapping.is_narrowed else [one for one in incoming.further_emails if one not in known]


def _outcome(choice: Choice, *, is_unchanged: bool) -> str:
    if not is_unchanged:
        return outcomes.UPDATED
    return outcomes.SKIPPED if choice.kept else outcomes.UNCHANGED


def _detail(
    incoming: Incoming, overwritten: Sequence[Overwritten], added: Sequence[str]
) -> dict[str, Any] | None:
    """The detail of an update in the log; `addresses` are further e-mail addresses that came."""
    detail = dict(incoming.detail or {})
    detail |= as_detail(list(overwritten)) if overwritten else {}
    detail |= {"addresses": list(added)} if added else {}
    return detail or None
