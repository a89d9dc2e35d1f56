"""What a pull does with an object whose record is known: the link decides, or a match has."""

from collections.abc import Sequence
from typing import Any

from webapp.domain.links.conflicts import Overwritten, as_detail
from webapp.domain.links.facts import LinkFacts
from webapp.domain.links.precedence import company_change, has_more_to_send, pulled_changes
from webapp.domain.mapping.incoming import Incoming
from webapp.domain.pull.facts import Remote
from webapp.domain.pull.origin import Choice, Meeting
from webapp.domain.pull.plan import Plan, Terms
from webapp.domain.records.values import Change
from webapp.domain.runs import outcomes

COMPANY = "company_id"


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
    reason = "relinked" if link.remote_id != remote.id else None
    return plan_update(remote, link.record_id, terms, link=link, reason=reason, former=former)


def left(remote: Remote, link: LinkFacts | None, reason: str, terms: Terms) -> Plan:
    """The plan for an object that is left as it is, with its link if it has one."""
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
    """Bring a record to HubSpot's state: it was linked, or is now."""
    incoming = remote.read(terms.mapping)
    choice = _choice(remote, record_id, link, terms)
    company, company_reason = _company(remote, record_id, link, terms)
    changes = [*choice.taken, *company]
    if _is_overtaken(record_id, incoming, link, terms, choice=choice, changes=changes):
        reason = reason or "overtaken_by_pull"
    added = _added_addresses(record_id, incoming, terms)
    is_unchanged = link is not None and not changes and not added and reason is None and not former
    return Plan(
        remote=remote,
        verb="touch" if is_unchanged else "update",
        outcome=_outcome(choice, is_unchanged=is_unchanged),
        reason=reason or choice.reason or company_reason or incoming.first_reason,
        name=terms.name_of(remote),
        record_id=record_id,
        link=link,
        values={name: new for name, _old, new in changes},
        changes=changes,
        incoming=incoming,
        detail=_detail(incoming, choice.overwritten, added),
        former_ids=former,
        kept=frozenset(name for name, *_ in choice.kept),
        in_flight=terms.facts.in_flight.get(record_id, frozenset()),
    )


def _choice(remote: Remote, record_id: int, link: LinkFacts | None, terms: Terms) -> Choice:
    """Which of HubSpot's values are written, and which an edit here prevents."""
    incoming, mapping = remote.read(terms.mapping), terms.mapping
    changes = pulled_changes(
        incoming,
        terms.facts.records[record_id],
        link.local_seen if link else {},
        link.remote_seen if link else {},
        mapping,
    )
    in_flight = terms.facts.in_flight.get(record_id, frozenset())
    changes = [change for change in changes if change[0] not in in_flight]
    edited_at = terms.facts.edited_at.get(record_id, {})
    return terms.origin.choose(changes, Meeting(incoming, link, mapping, edited_at, remote.changed_at))


def _company(
    remote: Remote, record_id: int, link: LinkFacts | None, terms: Terms
) -> tuple[list[Change], str | None]:
    """What becomes of a contact's company, with what the log says where it keeps the one it has."""
    if terms.mapping.object_type != "contacts" or terms.mapping.is_narrowed:
        return [], None
    if COMPANY in terms.facts.in_flight.get(record_id, ()):
        return [], None
    company = terms.facts.company_of(remote)
    change, reason = company_change(
        terms.facts.records[record_id].get(COMPANY),
        company.record_id if company else None,
        remote.company_id,
        link,
    )
    moves = change is not None and terms.origin.moves_company(remote.company_id, link)
    return [change] if change is not None and moves else [], reason


def _is_overtaken(
    record_id: int,
    incoming: Incoming,
    link: LinkFacts | None,
    terms: Terms,
    *,
    choice: Choice,
    changes: Sequence[Change],
) -> bool:
    """Whether an edit that waits to be sent has nothing to send any more once this is written."""
    return (
        link is not None
        and bool(changes)
        and not choice.kept
        and terms.origin.overtakes_edits
        and record_id in terms.facts.unsent
        and not terms.mapping.is_narrowed
        and not has_more_to_send(terms.facts.records[record_id], incoming, link)
    )


def _added_addresses(record_id: int, incoming: Incoming, terms: Terms) -> list[str]:
    """The further addresses that are new here."""
    known = terms.facts.addresses.get(record_id, ())
    return [] if terms.mapping.is_narrowed else [one for one in incoming.further_emails if one not in known]


def _outcome(choice: Choice, *, is_unchanged: bool) -> str:
    if not is_unchanged:
        return outcomes.UPDATED
    return outcomes.SKIPPED if choice.kept else outcomes.UNCHANGED


def _detail(
    incoming: Incoming, overwritten: Sequence[Overwritten], added: Sequence[str]
) -> dict[str, Any] | None:
    """What the log keeps of an update beside its changes; `addresses` are the further ones that came."""
    detail = dict(incoming.detail or {})
    detail |= as_detail(list(overwritten)) if overwritten else {}
    detail |= {"addresses": list(added)} if added else {}
    return detail or None
