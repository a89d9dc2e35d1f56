"""Plans every object of a page before anything is written.

`plan_page` takes everything that both sides know (`Facts`) and returns one `Plan` per object. It writes
nothing and does not change the facts: what it has planned within the page is kept separately, so that two
objects of one page cannot claim the same record.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.matching.candidates import Candidate
from webapp.domain.pull import merged_in_hubspot
from webapp.domain.pull.facts import Facts, Remote
from webapp.domain.pull.linked import left, plan_linked
from webapp.domain.pull.origin import REQUESTED, Origin
from webapp.domain.pull.plan import AT_ONCE, Linking, Plan, Terms, failed, unreadable
from webapp.domain.pull.unlinked import Memory, plan_unlinked
from webapp.domain.pull.unmoved import Unmoved
from webapp.domain.records.keys import email_key
from webapp.domain.rules.rule import Rule
from webapp.domain.runs import outcomes


def plan_page(
    remotes: Sequence[Remote],
    facts: Facts,
    mapping: Mapping,
    rule: Rule,
    origin: Origin = REQUESTED,
    *,
    linking: Linking = AT_ONCE,
) -> list[Plan]:
    """Plan each object of a page. One that cannot be planned fails alone, its error kept for the log.

    Args:
        remotes: The page.
        facts: What both sides say about it.
        mapping: The mapping in force.
        rule: What comes in.
        origin: Whether a person requested it, or only what HubSpot changed since the last sync is taken.
        linking: When what is certain is linked; if at once, what is held is planned again behind the page.
    """
    terms, memory = Terms(facts, mapping, rule, origin, linking), Memory.beside(facts)
    plans = []
    unmoved = _unmoved_among(remotes, terms)
    for remote in _in_order(remotes, terms):
        if (plan := unmoved(remote)) is not None:
            plans.append(plan)
            continue
        plan = _plan_alone(remote, terms, memory)
        _remember(plan, facts, memory)
        plans.append(plan)
        plans += merged_in_hubspot.held(plan, terms)
    for position, plan in enumerate(plans if linking.is_at_once else ()):
        if _is_answered(plan, memory):
            plans[position] = _plan_alone(plan.remote, terms, memory)
            _remember(plans[position], facts, memory)
    return plans


def _unmoved_among(remotes: Sequence[Remote], terms: Terms) -> Callable[[Remote], Plan | None]:
    """Plans the objects that nobody has moved.

    Where only some fields are pulled there is none: others of the base are not there to be compared.
    """
    if not terms.facts.links or terms.mapping.is_narrowed:
        return lambda _: None
    unmoved = Unmoved(terms, remotes)

    def plan(remote: Remote) -> Plan | None:
        try:
            return unmoved.plan(remote)
        except Exception:  # noqa: BLE001 - planning meets it again, and lets this one object fail alone
            return None

    return plan


def _in_order(remotes: Sequence[Remote], terms: Terms) -> Iterator[Remote]:
    """Linked objects first, then by id; of an object that occurs twice, its newest state.

    So an unlinked object meets the linked records of the page as they will be, wherever they stand in it.
    """
    links = terms.facts.links
    if terms.mapping.is_narrowed:
        remotes = [remote for remote in remotes if _is_linked(remote, terms.facts)]
    in_order = sorted(
        remotes, key=lambda remote: (remote.id not in links, len(remote.id), remote.id, remote.updated_at)
    )
    yield from {remote.id: remote for remote in in_order}.values()


def _is_linked(remote: Remote, facts: Facts) -> bool:
    link = facts.links.get(remote.id)
    return link is not None and link.state == "linked"


def _is_answered(plan: Plan, memory: Memory) -> bool:
    """Whether an object is held for a record that the page links to another object further on."""
    if plan.state != outcomes.HELD:
        return False
    candidates = (plan.detail or {}).get("candidates", ())
    linked = (memory.index.known.get(candidate["record_id"]) for candidate in candidates)
    return any(one is not None and not one.is_free_for(plan.remote.id) for one in linked)


def _plan_alone(remote: Remote, terms: Terms, memory: Memory) -> Plan:
    if remote.unreadable is not None:
        return unreadable(remote, terms.mapping.object_type)
    try:
        return _plan(remote, terms, memory)
    except Exception as error:  # noqa: BLE001 - one record's surprise must not stop the others
        return failed(remote, terms.mapping.object_type, error)


def _plan(remote: Remote, terms: Terms, memory: Memory) -> Plan:
    link, former = merged_in_hubspot.follow(remote, terms.facts.links)
    if terms.facts.is_outdated(remote):
        return left(remote, link, "stale_read", terms)
    if link is not None:
        return plan_linked(remote, link, former, terms)
    return plan_unlinked(remote, terms, memory)


def _remember(plan: Plan, facts: Facts, memory: Memory) -> None:
    """Make this object's plan visible to the objects after it in the page."""
    if plan.record_id is None or plan.incoming is None or plan.verb not in ("create", "update"):
        return
    before = facts.records[plan.record_id] if plan.verb == "update" else {}
    company_id: Any = plan.values.get("company_id", before.get("company_id"))
    keys = plan.incoming.keys_in(company_id)
    gone_email = email_key(str(before.get("email") or "")) if "email" in plan.values else None
    memory.index.become(Candidate(plan.record_id, keys, linked_to=plan.remote.id), gone_email=gone_email)
