"""What a pull does with each object of a page, decided before anything is written.

`plan_page` is given everything both sides say (`Facts`) and answers one `Plan` an object. It writes nothing;
within the page it remembers what it has planned, so that two objects of one page cannot claim one record.
"""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct, field

from webapp.domain.links.conflicts import Overwritten, as_detail, decide
from webapp.domain.links.facts import UNDONE, LinkFacts
from webapp.domain.links.precedence import company_change, has_more_to_send, has_moved, pulled_changes
from webapp.domain.mapping.incoming import Incoming, display_name
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.matching.match import Candidate, Keys, Match, find_match
from webapp.domain.pull.facts import CompanyFacts, Facts, Remote
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.records.values import Change, Value
from webapp.domain.rules.rule import Rule, excluded_by, with_company
from webapp.domain.runs import outcomes

# What the log says of a record that is new because a person decided so.
_DECIDED = {"apart": "decided_apart", "import": "decided_import"}


# Unlinked objects that are left alone until a person asks, by state: with the reason, or their own one.
_LEFT_ALONE = {"skipped": "person_skipped", "ignored": None}


class Plan(Struct, kw_only=True):
    """What becomes of one object.

    Attributes:
        verb: `create` a record and link it; `update` a record, with its link; `touch` the link of one that is
            unchanged; `leave` the object unlinked, or a link as it is.
        outcome, reason: as in `webapp.domain.runs.outcomes`.
        values: the fields to write.
        changes: the fields with their old and new values.
        state: for an object left unlinked, its state among the remote objects; None leaves those alone.
        former_ids: ids of merged-away objects whose links this one takes over or holds.
        kept: fields that both sides changed, in which the later edit here stays, and is still to be sent.
        error: the surprise that kept this record from being planned.
    """

    remote: Remote
    verb: Literal["create", "update", "touch", "leave"]
    outcome: str
    reason: str | None = None
    name: str = ""
    record_id: int | None = None
    link: LinkFacts | None = None
    values: dict[str, Value] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    incoming: Incoming | None = None
    state: str | None = None
    detail: dict[str, Any] | None = None
    former_ids: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    error: Exception | None = None


AGAIN = "again"
"""A person's decision that an object is looked at as if nobody had said anything about it."""


def plan_page(
    remotes: Sequence[Remote], facts: Facts, mapping: Mapping, rule: Rule, *, is_automatic: bool = False
) -> list[Plan]:
    """Plan each object of a page. One that cannot be planned fails alone, its error kept for the log.

    Args:
        remotes: The page.
        facts: What both sides say about it.
        mapping: The mapping in force.
        rule: What comes in.
        is_automatic: Whether only what HubSpot changed since the last sync is taken.
    """
    plans = []
    if mapping.is_narrowed:
        remotes = [remote for remote in remotes if _is_linked(remote, facts)]
    # The lowest id comes first, and of an object that the page holds twice its newest state.
    in_order = sorted(remotes, key=lambda remote: (len(remote.id), remote.id, remote.updated_at))
    for remote in {remote.id: remote for remote in in_order}.values():
        try:
            plan = _plan(remote, facts, mapping, rule, is_automatic=is_automatic)
        except Exception as error:  # noqa: BLE001 - one record's surprise must not stop the others
            plan = failed(remote, mapping.object_type, error)
        plan.name = plan.name or display_name(mapping.object_type, remote.id, remote.properties)
        _remember(plan, facts)
        plans.append(plan)
        plans += [_held_by_merge(facts.links[old], remote, facts, mapping) for old in plan.former_ids]
    return plans


def _is_linked(remote: Remote, facts: Facts) -> bool:
    link = facts.links.get(remote.id)
    return link is not None and link.state == "linked"


def failed(remote: Remote, object_type: ObjectType, error: Exception) -> Plan:
    """The plan of an object that cannot be handled."""
    return Plan(
        remote=remote,
        verb="leave",
        outcome=outcomes.FAILED,
        reason="unexpected",
        name=display_name(object_type, remote.id, remote.properties),
        detail={"error": type(error).__name__},
        error=error,
    )


def _plan(remote: Remote, facts: Facts, mapping: Mapping, rule: Rule, *, is_automatic: bool) -> Plan:
    link = facts.links.get(remote.id)
    former = tuple(
        old
        for old in remote.merged_ids
        if old != remote.id and old in facts.links and facts.links[old].state != "held"
    )
    if link is None and former:
        link, former = facts.links[former[0]], former[1:]
    if link is not None:
        return _plan_linked(remote, link, former, facts, mapping, is_automatic=is_automatic)
    return _plan_unlinked(remote, facts, mapping, rule, is_automatic=is_automatic)


def _plan_linked(
    remote: Remote,
    link: LinkFacts,
    former: tuple[str, ...],
    facts: Facts,
    mapping: Mapping,
    *,
    is_automatic: bool,
) -> Plan:
    """The link decides: the rules are not asked, nothing is matched."""
    if link.state in ("stopped", "refused"):
        return _left_linked(remote, link, "stopped" if link.state == "stopped" else "privacy_deleted")
    if link.remote_updated_at is not None and remote.updated_at < link.remote_updated_at:
        return _left_linked(remote, link, "stale_read")
    is_relinked = link.remote_id != remote.id
    reason = "relinked" if is_relinked else None
    return _plan_update(
        remote,
        link.record_id,
        facts,
        mapping,
        link=link,
        reason=reason,
        former=former,
        is_automatic=is_automatic,
    )


def _plan_unlinked(remote: Remote, facts: Facts, mapping: Mapping, rule: Rule, *, is_automatic: bool) -> Plan:
    seen = facts.seen.get(remote.id)
    decision = (seen.decision if seen else None) or {}
    # What an undo took out comes back when a person pulls, never by itself.
    is_asked_for = seen is not None and seen.reason == UNDONE and not is_automatic
    if decision.get("verb") == AGAIN:
        decision, is_asked_for = {}, True
    if seen is not None and seen.state in _LEFT_ALONE and not decision and not is_asked_for:
        reason = _LEFT_ALONE[seen.state] or seen.reason
        return Plan(remote=remote, verb="leave", outcome=outcomes.SKIPPED, reason=reason)
    incoming = remote.read(mapping)
    company = facts.companies.get(remote.company_id) if remote.company_id else None
    theirs = facts.company_values.get(company.record_id or 0) if company else None
    asked = with_company(rule, incoming.values, theirs)
    if not decision and (detail := excluded_by(rule, asked)) is not None:
        return _left_out(remote, "excluded", "rule_excluded", incoming, detail)
    if "company_id" in decision and (company is None or company.record_id is None):
        company = CompanyFacts(decision["company_id"])
    incoming.keys.company_id = company.record_id if company else None
    match, reason = _matched(remote, incoming.keys, decision, facts, mapping.object_type)
    if match.kind == "doubtful":
        return _held(remote, match, incoming)
    if match.record_id is not None:
        return _plan_update(remote, match.record_id, facts, mapping, reason=reason)
    if mapping.object_type == "contacts" and (company is None or company.record_id is None):
        return _without_company(remote, company, incoming)
    return _plan_create(remote, incoming, company, reason, facts)


def _matched(
    remote: Remote, keys: Keys, decision: dict[str, Any], facts: Facts, object_type: ObjectType
) -> tuple[Match, str | None]:
    """The match, a person's decision first, with the reason that the log gives for it."""
    chosen = facts.index.known.get(decision.get("record_id", -1)) if decision.get("verb") == "link" else None
    if chosen is not None and chosen.linked_to is None:
        return Match("certain", record_id=chosen.record_id), "decided_link"
    apart = facts.apart.get(remote.id, frozenset())
    match = find_match(object_type, remote.id, keys, facts.index, apart)
    if match.kind == "certain":
        return match, "matched"
    return match, _DECIDED.get(decision.get("verb", ""))


def _plan_create(
    remote: Remote, incoming: Incoming, company: CompanyFacts | None, reason: str | None, facts: Facts
) -> Plan:
    values = dict(incoming.values)
    if company is not None and company.record_id is not None:
        values["company_id"] = company.record_id
    return Plan(
        remote=remote,
        verb="create",
        outcome=outcomes.CREATED,
        reason=reason or incoming.first_reason,
        record_id=next(facts.new_ids),
        values=values,
        changes=[(name, None, value) for name, value in values.items()],
        incoming=incoming,
        detail=incoming.detail,
    )


def _plan_update(
    remote: Remote,
    record_id: int,
    facts: Facts,
    mapping: Mapping,
    *,
    link: LinkFacts | None = None,
    reason: str | None = None,
    former: tuple[str, ...] = (),
    is_automatic: bool = False,
) -> Plan:
    """Bring a record to HubSpot's state: it was linked, or is now."""
    incoming = remote.read(mapping)
    record = facts.records[record_id]
    changes = pulled_changes(
        incoming, record, link.local_seen if link else {}, link.remote_seen if link else {}, mapping
    )
    overwritten: list[Overwritten] = []
    kept: list[Change] = []
    edited_at = facts.edited_at.get(record_id, {})
    if is_automatic and link is not None:
        changes = [change for change in changes if has_moved(change[0], incoming, link, mapping)]
        changes, kept, overwritten = decide(changes, link, edited_at, remote.changed_at)
    elif edited_at:
        # Edited here after somebody had asked for this pull: nobody meant that to be overwritten.
        kept = [change for change in changes if change[0] in edited_at]
        changes = [change for change in changes if change[0] not in edited_at]
    note = "overwritten" if overwritten else "edited_meanwhile" if kept else None
    if mapping.object_type == "contacts" and not mapping.is_narrowed:
        company = facts.companies.get(remote.company_id) if remote.company_id else None
        change, company_note = company_change(
            record.get("company_id"), company.record_id if company else None, remote.company_id, link
        )
        note = note or company_note
        has_stayed = link is not None and remote.company_id == link.remote_seen.get("company_id")
        changes += [change] if change and not (is_automatic and has_stayed) else []
    if link is not None and changes and not kept and record_id in facts.unsent and not mapping.is_narrowed:
        reason = reason or (None if has_more_to_send(record, incoming, link) else "overtaken_by_pull")
    known = facts.addresses.get(record_id, ())
    added = [] if mapping.is_narrowed else [one for one in incoming.further_emails if one not in known]
    is_unchanged = link is not None and not changes and not added and reason is None and not former
    outcome = outcomes.UPDATED
    if is_unchanged:
        outcome = outcomes.SKIPPED if kept else outcomes.UNCHANGED
    return Plan(
        remote=remote,
        verb="touch" if is_unchanged else "update",
        outcome=outcome,
        reason=reason or note or incoming.first_reason,
        record_id=record_id,
        link=link,
        values={name: new for name, _old, new in changes},
        changes=changes,
        incoming=incoming,
        detail=_detail(incoming, overwritten, added),
        former_ids=former,
        kept=frozenset(name for name, *_ in kept),
    )


def _detail(incoming: Incoming, overwritten: list[Overwritten], added: list[str]) -> dict[str, Any] | None:
    """What the log keeps of an update beside its changes; `addresses` are the further ones that came."""
    detail = dict(incoming.detail or {})
    detail |= as_detail(overwritten) if overwritten else {}
    detail |= {"addresses": added} if added else {}
    return detail or None


def _without_company(remote: Remote, company: CompanyFacts | None, incoming: Incoming) -> Plan:
    if remote.company_id is None:
        reason = "no_company"
    else:
        is_excluded = company is not None and company.reason == "rule_excluded"
        reason = "company_excluded" if is_excluded else "company_not_here"
    return _left_out(remote, "unlinked", reason, incoming)


def _held(remote: Remote, match: Match, incoming: Incoming) -> Plan:
    candidates = [
        {"record_id": item.record_id, "evidence": list(item.evidence), "points": item.points}
        for item in match.candidates
    ]
    plan = _left_out(remote, "held", match.reason or "doubtful_match", incoming, {"candidates": candidates})
    plan.outcome = outcomes.HELD
    return plan


def _left_out(
    remote: Remote,
    state: str,
    reason: str,
    incoming: Incoming | None = None,
    detail: dict[str, Any] | None = None,
) -> Plan:
    return Plan(
        remote=remote,
        verb="leave",
        outcome=outcomes.SKIPPED,
        reason=reason,
        state=state,
        incoming=incoming,
        detail=detail,
    )


def _held_by_merge(link: LinkFacts, survivor: Remote, facts: Facts, mapping: Mapping) -> Plan:
    """What the log says of a record whose object was merged into that of another record."""
    return Plan(
        remote=Remote(id=link.remote_id, properties={}, updated_at=survivor.updated_at),
        verb="leave",
        outcome=outcomes.HELD,
        reason="merged_in_hubspot",
        name=record_name(mapping.object_type, facts.records[link.record_id]),
        record_id=link.record_id,
        link=link,
        detail={"survivor": survivor.id},
    )


def _left_linked(remote: Remote, link: LinkFacts, reason: str) -> Plan:
    return Plan(
        remote=remote,
        verb="leave",
        outcome=outcomes.SKIPPED,
        reason=reason,
        record_id=link.record_id,
        link=link,
    )


def _remember(plan: Plan, facts: Facts) -> None:
    """Let the objects that follow in this page see what this one will become."""
    if plan.record_id is None or plan.incoming is None or plan.verb not in ("create", "update"):
        return
    keys = plan.incoming.keys
    if plan.verb == "update":
        company_id: Any = plan.values.get("company_id", facts.records[plan.record_id].get("company_id"))
        keys.company_id = company_id
    facts.index.become(Candidate(plan.record_id, keys, linked_to=plan.remote.id))
