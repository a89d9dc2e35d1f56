"""Plans an object without a link: by a person's decision, the sync rule, and matching."""

from collections.abc import Iterator
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.links.facts import DELETED_HERE, ERASED_NAME, PERSON_ERASED, REVERTED
from webapp.domain.mapping.incoming import Incoming
from webapp.domain.matching.candidates import CandidateIndex
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.match import Evidence, Match, find_match
from webapp.domain.pull.buried import moved_state, seen_before
from webapp.domain.pull.facts import CompanyFacts, Facts, Remote, SeenFacts
from webapp.domain.pull.linked import plan_update
from webapp.domain.pull.origin import Automatic
from webapp.domain.pull.plan import CROWDED, DOUBTFUL, ODDS, PROVISIONAL, Plan, Terms
from webapp.domain.records.keys import email_key
from webapp.domain.rules.rule import excluded_by, is_up_to_company, with_company
from webapp.domain.runs import outcomes

UNDECIDED = outcomes.UNDECIDED
"""The state of an object about which its pull has not decided yet, and the reason."""

AGAIN = "again"
"""A person's decision that an object is treated as if nobody had decided about it."""

WAITING = "waiting"
"""The state of a contact's object whose company is not here yet."""

COMPANY_LEFT_OUT = "company_left_out"
"""The reason of a contact whose company a person has left out, or deleted here."""

_DECIDED_LINK = "decided_link"
_MATCHED = "matched"
# What the log says of a record that is new because a person decided so.
_DECIDED = {"apart": "decided_apart", "import": "decided_import"}

_ADMITTING = ("link", "import")
"""The decisions by which an object comes in whatever the rule says; that it is none of some is no such."""

# Unlinked objects that are left alone until a person asks, by state: with the reason, or their own one.
_LEFT_ALONE = {"skipped": "person_skipped", "ignored": None}


class Memory(Struct, frozen=True):
    """The memory of planning within a page: the records as they will be, and the numbers left over."""

    index: CandidateIndex
    new_ids: Iterator[int]

    @classmethod
    def beside(cls, facts: Facts) -> Self:
        """The memory at the beginning of a page."""
        return cls(facts.index.laid_over(), iter(facts.new_ids))


def plan_unlinked(remote: Remote, terms: Terms, memory: Memory) -> Plan:
    """Leave the object out, hold it, link it to its record, or create a record from it."""
    seen = seen_before(remote, terms.facts)
    decision = _decision(seen)
    if seen is not None and _is_left_alone(seen, terms):
        reason = _LEFT_ALONE[seen.state] or seen.reason
        return _left_out(remote, terms, reason=reason, state=moved_state(remote, seen, terms.facts))
    incoming, company = remote.read(terms.mapping), terms.facts.company_of(remote)
    is_admitted = decision.get("verb") in _ADMITTING
    if not is_admitted and (detail := _excluded(incoming, company, terms)) is not None:
        return _plan_excluded(remote, company, incoming, terms, detail=detail)
    if "company_id" in decision and (company is None or company.record_id is None):
        company = CompanyFacts(decision["company_id"])
    keys = incoming.keys_in(company.record_id if company else None)
    match, match_reason = _matched(remote, keys, decision, terms, memory)
    is_crowded = memory.index.is_crowded(keys)
    is_addressed = match_reason == _DECIDED_LINK or _is_addressed(match, keys, memory)
    waits = terms.linking.waits(remote.id, match, is_addressed=is_addressed, is_crowded=is_crowded)
    if waits or match.kind == "doubtful":
        return _held(remote, match, incoming, terms, is_crowded=is_crowded, waits=waits)
    if match.record_id is not None:
        is_decided = match_reason == _DECIDED_LINK
        under = _keeping_edits(terms) if is_decided else terms
        plan = plan_update(remote, match.record_id, under, reason=match_reason)
        return replace(plan, looks_like=match.looks_like) if match.looks_like else plan
    if terms.mapping.object_type == "contacts" and (company is None or company.record_id is None):
        return _without_company(remote, company, incoming, terms, is_crowded=is_crowded)
    reason = match_reason or ("looks_like_another" if match.looks_like else None)
    plan = _plan_create(remote, incoming, company, terms, reason=reason, record_id=next(memory.new_ids))
    return _resembling(plan, match.looks_like) if match.looks_like else plan


def _keeping_edits(terms: Terms) -> Terms:
    """The terms of a link that a person made: values typed here later stay."""
    return replace(terms, origin=Automatic(guarded_links=terms.origin.guarded_links))


def _decision(seen: SeenFacts | None) -> dict[str, Any]:
    """A person's decision about the object; empty where the last one revoked all former ones."""
    decision = (seen.decision if seen else None) or {}
    return {} if decision.get("verb") == AGAIN else decision


def _is_left_alone(seen: SeenFacts, terms: Terms) -> bool:
    """Whether an object that a person or an undo has left out stays out."""
    if seen.state not in _LEFT_ALONE or seen.decision:
        return False
    return not (seen.reason == REVERTED and terms.origin.brings_back)


def _plan_excluded(
    remote: Remote,
    company: CompanyFacts | None,
    incoming: Incoming,
    terms: Terms,
    *,
    detail: dict[str, Any],
) -> Plan:
    """Leave out an object that the rule excludes; a contact waits if the answer depends on its company."""
    if _is_company_missing(remote, company) and is_up_to_company(terms.rule, incoming.values):
        return _without_company(remote, company, incoming, terms)
    return _left_out(
        remote, terms, state="excluded", reason="rule_excluded", incoming=incoming, detail=detail
    )


def _is_company_missing(remote: Remote, company: CompanyFacts | None) -> bool:
    """Whether a contact has a company in HubSpot that is not here."""
    return remote.company_id is not None and (company is None or company.record_id is None)


def _excluded(incoming: Incoming, company: CompanyFacts | None, terms: Terms) -> dict[str, Any] | None:
    """The condition by which the rule leaves the object out."""
    of_company = terms.facts.company_values.get(company.record_id or 0) if company else None
    return excluded_by(terms.rule, with_company(terms.rule, incoming.values, of_company))


def _matched(
    remote: Remote, keys: Keys, decision: dict[str, Any], terms: Terms, memory: Memory
) -> tuple[Match, str | None]:
    """The match, a person's decision first, with its reason in the log."""
    chosen = memory.index.get(decision.get("record_id", -1)) if decision.get("verb") == "link" else None
    if chosen is not None and chosen.linked_to is None:
        return Match("certain", record_id=chosen.record_id), _DECIDED_LINK
    apart = terms.facts.apart.get(remote.id, frozenset())
    match = find_match(remote.id, keys, memory.index, apart)
    own = memory.index.get(terms.linking.chosen.get(remote.id, -1))
    if own is not None and own.linked_to is None and own.record_id not in apart:
        return Match("certain", record_id=own.record_id, looks_like=match.looks_like), _MATCHED
    if match.kind == "certain":
        return match, _MATCHED
    return match, _DECIDED.get(decision.get("verb", ""))


def _is_addressed(match: Match, keys: Keys, memory: Memory) -> bool:
    """Whether a record's own e-mail address, the first one, makes it certain."""
    one = memory.index.get(match.record_id) if match.record_id is not None else None
    return one is not None and email_key(str(one.keys.values.get("email") or "")) in keys.emails


def _plan_create(
    remote: Remote,
    incoming: Incoming,
    company: CompanyFacts | None,
    terms: Terms,
    *,
    reason: str | None,
    record_id: int,
) -> Plan:
    values = dict(incoming.values)
    if company is not None and company.record_id is not None:
        values["company_id"] = company.record_id
    return Plan(
        remote=remote,
        verb="create",
        outcome=outcomes.CREATED,
        reason=reason or incoming.first_reason,
        name=terms.name_of(remote),
        record_id=record_id,
        values=values,
        changes=[(name, None, value) for name, value in values.items()],
        incoming=incoming,
        detail=incoming.detail,
    )


def _resembling(plan: Plan, looks_like: tuple[Evidence, ...]) -> Plan:
    """The plan of a record that resembles others: they are in its log, and are possible duplicates."""
    detail = {**(plan.detail or {}), "looks_like": _as_data(looks_like)}
    return replace(plan, looks_like=looks_like, detail=detail)


def _without_company(
    remote: Remote,
    company: CompanyFacts | None,
    incoming: Incoming,
    terms: Terms,
    *,
    is_crowded: bool = False,
) -> Plan:
    """Leave out a contact without a company; one whose company is still to come waits for it.

    A company that a person has left out is not to be waited for; should it be imported, its contacts follow.
    """
    detail: dict[str, Any] = {CROWDED: True} if is_crowded else {}
    if remote.company_id is None:
        return _left_out(
            remote, terms, state="unlinked", reason="no_company", incoming=incoming, detail=detail or None
        )
    detail["company"] = remote.company_id
    if company is not None and _is_left_out(company):
        state, reason = "unlinked", COMPANY_LEFT_OUT
    elif company is not None and company.reason == "rule_excluded":
        state, reason = "unlinked", "company_excluded"
    else:
        state, reason = WAITING, "waiting_for_company"
    return _left_out(remote, terms, state=state, reason=reason, incoming=incoming, detail=detail)


def _is_left_out(company: CompanyFacts) -> bool:
    """Whether no sync brings a company, because a person or an undo has left it out."""
    return company.state in _LEFT_ALONE or company.reason in (DELETED_HERE, PERSON_ERASED)


def _held(
    remote: Remote, match: Match, incoming: Incoming, terms: Terms, *, is_crowded: bool, waits: bool
) -> Plan:
    """Hold an object, for a person or until all of its type have been read; a certain match is in its log."""
    detail: dict[str, Any] = {"candidates": _as_data(match.candidates)}
    if is_crowded:
        detail[CROWDED] = True
    if waits and terms.linking.asks_again(is_crowded=is_crowded):
        detail[PROVISIONAL] = True
    if match.record_id is not None:
        detail[ODDS] = round(sum(weight for one in match.candidates for weight in one.weights), 2)
    plan = _left_out(
        remote,
        terms,
        outcome=outcomes.HELD,
        state=UNDECIDED if waits else "held",
        reason=UNDECIDED if waits else match.reason or DOUBTFUL,
        incoming=incoming,
        detail=detail,
    )
    return replace(plan, record_id=match.record_id)


def _as_data(found: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    """Records with their evidence, as logs and lists keep them."""
    return [
        {"record_id": one.record_id, "evidence": list(one.evidence), "points": one.points} for one in found
    ]


def _left_out(
    remote: Remote,
    terms: Terms,
    *,
    outcome: str = outcomes.SKIPPED,
    reason: str | None,
    state: str | None = None,
    incoming: Incoming | None = None,
    detail: dict[str, Any] | None = None,
) -> Plan:
    return Plan(
        remote=remote,
        verb="leave",
        outcome=outcome,
        reason=reason,
        # Of somebody who was erased the log holds nothing that HubSpot still has.
        name=ERASED_NAME if reason == PERSON_ERASED else terms.name_of(remote),
        state=state,
        incoming=incoming,
        detail=detail,
    )
