"""What a push does with each record, decided before anything is sent, and what became of it afterwards.

A `Step` is one record on its way: planned, then sent, then settled by what HubSpot answered. Nothing here
asks or writes anything.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct, field

from webapp.domain import outcomes
from webapp.domain.conflicts import Overwritten, as_detail, both_changed, is_later_here
from webapp.domain.facts import LinkFacts
from webapp.domain.fields import ObjectType
from webapp.domain.free_mail import FREE_MAIL_DOMAINS
from webapp.domain.keys import domain_key
from webapp.domain.mapping import KEY_PROPERTY, Mapping
from webapp.domain.naming import record_name
from webapp.domain.outgoing import (
    Base,
    Properties,
    SentChange,
    base_after,
    created_changes,
    kept_fields,
    pushed_changes,
)
from webapp.domain.rules import Rule, failing_condition
from webapp.domain.values import Misfit, Value, to_local

# What a link in each of these states makes of its record: the outcome and the reason.
_HELD_BACK = {
    "stopped": (outcomes.SKIPPED, "stopped"),
    "held": (outcomes.HELD, "merged_in_hubspot"),
    "gone": (outcomes.SKIPPED, "gone_in_hubspot"),
    "refused": (outcomes.SKIPPED, "privacy_deleted"),
}
# HubSpot's clock and ours may differ by this much.
_CLOCKS_DIFFER = timedelta(minutes=5)


class Local(Struct, kw_only=True):
    """A record as a push finds it.

    Attributes:
        key: the e-mail address or domain by which HubSpot is asked for it.
        link: its link, in whatever state.
        company_remote_id: the object of a contact's company, where that is linked.
        first_id: the record that goes first, where another one here has the same key.
        decision: what a person said about it while it was held.
        announced_at: when a create was announced that nothing has settled yet.
        unlogged: changes that a push sent, or was about to, and that no log tells of: it was cut off.
        edited_at: when its fields were edited here last, where that matters.
        is_done: whether this run has settled it already.
    """

    id: int
    uuid: str
    is_active: bool
    values: dict[str, Value]
    key: str | None = None
    link: LinkFacts | None = None
    company_remote_id: str | None = None
    first_id: int | None = None
    decision: dict[str, Any] | None = None
    announced_at: datetime | None = None
    unlogged: Sequence[SentChange] = ()
    edited_at: dict[str, datetime] = field(default_factory=dict)
    is_done: bool = False


class Theirs(Struct):
    """An object as HubSpot answered it; `is_new` after an upsert.

    `changed_at` says when HubSpot changed its properties last, where that was asked.
    """

    id: str
    properties: Properties
    created_at: datetime
    updated_at: datetime
    is_new: bool | None = None
    changed_at: dict[str, datetime] = field(default_factory=dict)


class Step(Struct, kw_only=True):
    """One record's part in a push.

    Attributes:
        verb: `update` or `create` an object; `match` one first; `leave` the record alone.
        outcome: as in `webapp.domain.outcomes`; empty until it is known.
        theirs: the object as it was before, then as it was answered.
        changes: what is sent.
        regained: what was sent before, by a push that was cut off before its log could tell.
        link_state: what becomes of the link; None keeps it.
    """

    local: Local
    verb: Literal["match", "update", "create", "leave"]
    outcome: str = ""
    reason: str | None = None
    theirs: Theirs | None = None
    changes: list[SentChange] = field(default_factory=list)
    regained: list[SentChange] = field(default_factory=list)
    base: Base | None = None
    detail: dict[str, Any] | None = None
    link_state: str | None = None
    is_settled: bool = False

    @property
    def remote_id(self) -> str | None:
        """The object concerned, if any."""
        if self.theirs is not None:
            return self.theirs.id
        return self.local.link.remote_id if self.local.link else None


class Terms(Struct, frozen=True):
    """Under what terms records are pushed.

    Attributes:
        mapping: the mapping in force.
        rule: what goes out.
        is_asked_for: whether a person pressed the record's own button: rules and "gone" do not hold it back.
        is_automatic: whether nobody asked: only what was changed here is sent, whatever the rules say of
            records that are linked.
        may_create: whether records that are not linked may be sent at all.
    """

    mapping: Mapping
    rule: Rule
    is_asked_for: bool = False
    is_automatic: bool = False
    may_create: bool = True

    @property
    def has_key(self) -> bool:
        """Whether HubSpot has our unique property."""
        return self.mapping.has_key

    @property
    def object_type(self) -> ObjectType:
        """What the mapping is of."""
        return self.mapping.object_type


def first_step(local: Local, terms: Terms) -> Step:
    """Whether a record is pushed at all, and how it begins."""
    condition = failing_condition(terms.rule, local.values)
    if not local.is_active:
        return left(local, outcomes.SKIPPED, "deactivated")
    is_synced = terms.is_automatic and local.link is not None
    if condition is not None and not terms.is_asked_for and not is_synced:
        detail = {"field": condition.field, "operator": condition.operator, "value": condition.value}
        detail["actual"] = local.values.get(condition.field)
        return left(local, outcomes.SKIPPED, "rule_excluded", detail)
    step = _first_step_of_admitted(local, terms)
    if condition is not None and step.verb != "leave":
        step.reason = "outside_rules"
    return step


def _first_step_of_admitted(local: Local, terms: Terms) -> Step:
    state = local.link.state if local.link else None
    if state == "linked":
        return Step(local=local, verb="update")
    held_back = _HELD_BACK.get(state or "")
    if held_back is not None and not (state == "gone" and terms.is_asked_for):
        return left(local, *held_back)
    if state is None and not terms.may_create:
        return left(local, outcomes.SKIPPED, "not_created_by_itself")
    if local.first_id is not None and not local.decision:
        reason = "same_email_here" if terms.object_type == "contacts" else "same_domain_here"
        return left(local, outcomes.HELD, reason, {"record_id": local.first_id})
    return Step(local=local, verb="match")


def left(local: Local, outcome: str, reason: str, detail: dict[str, Any] | None = None) -> Step:
    """A record that is not sent, settled."""
    return Step(local=local, verb="leave", outcome=outcome, reason=reason, detail=detail, is_settled=True)


def matching_key(object_type: ObjectType, email_key: str | None, domain_key: str | None) -> str | None:
    """By what HubSpot is asked for a record; everybody's mail domain says nothing about a company."""
    if object_type == "contacts":
        return email_key
    return None if domain_key in FREE_MAIL_DOMAINS else domain_key


def is_same_company(local: Local, theirs: Theirs) -> bool:
    """Whether a company that a search named is, now that it was read, the one asked for."""
    if local.key is not None:
        others = (theirs.properties.get("hs_additional_domains") or "").split(";")
        return local.key in (domain_key(one) for one in (theirs.properties.get("domain"), *others))
    return _folded(local.values.get("name")) == _folded(theirs.properties.get("name")) != ""


def _folded(value: object) -> str:
    return " ".join(str(value or "").split()).casefold()


def plan_match(
    step: Step,
    hits: Sequence[Theirs],
    owners: dict[str, int],
    apart: frozenset[str],
    terms: Terms,
) -> None:
    """Decide which object an unlinked record is: one, none, or a question for a person.

    Args:
        step: The record's step.
        hits: The objects found by its key.
        owners: The record that each of them is linked to, where it is.
        apart: Objects that a person said it is not.
        terms: The terms in force.
    """
    local = step.local
    decision = local.decision or {}
    hits = list({hit.id: hit for hit in hits}.values())
    open_ones = [hit for hit in hits if owners.get(hit.id, local.id) == local.id and hit.id not in apart]
    chosen = [hit for hit in open_ones if decision.get("remote_id") == hit.id]
    marked = [hit for hit in hits if hit.properties.get(KEY_PROPERTY) == local.uuid]
    if marked and not chosen:
        _plan_marked(step, marked[0], owners, terms)
    elif decision.get("verb") == "create" and terms.object_type == "companies":
        plan_create(step, terms)
    elif len(chosen or open_ones) == 1:
        plan_update(step, (chosen or open_ones)[0], terms)
    elif open_ones:
        hold(step, "several_at_hubspot", hits=open_ones, terms=terms)
    elif any(hit.id in owners for hit in hits):
        hold(step, "object_linked", hits=hits, terms=terms, owners=owners)
    elif hits and terms.object_type == "contacts":
        # Kept apart by a person, and yet HubSpot will not take the address twice.
        hold(step, "kept_apart_at_hubspot", hits=hits, terms=terms)
    else:
        plan_create(step, terms)


def _plan_marked(step: Step, marked: Theirs, owners: dict[str, int], terms: Terms) -> None:
    """An object bears the record's own key: no other can be made beside it, and it is not linked blindly."""
    if owners.get(marked.id, step.local.id) != step.local.id:
        hold(step, "object_linked", hits=[marked], terms=terms, owners=owners)
    elif _was_announced(step.local, marked) or _is_still_same(step.local, marked, terms.object_type):
        plan_update(step, marked, terms)
    else:
        hold(step, "key_on_other", hits=[marked], terms=terms)


def _is_still_same(local: Local, marked: Theirs, object_type: ObjectType) -> bool:
    """Whether an object that was this record once still is: by its address or domain, else by its name."""
    if object_type == "companies":
        return is_same_company(local, marked)
    # One with an address was found by it.
    return local.key is not None or _folded(remote_name(object_type, marked)) == _folded(
        record_name(object_type, local.values)
    )


def plan_create(step: Step, terms: Terms) -> None:
    """Make a new object, if that can be done without ever making it twice."""
    if not terms.has_key and not (terms.object_type == "contacts" and step.local.key):
        step.verb, step.outcome, step.reason = "leave", outcomes.SKIPPED, "needs_unique_property"
        step.is_settled = True
        return
    step.verb, step.theirs = "create", None
    step.changes = created_changes(step.local.values, terms.mapping)
    if terms.object_type == "contacts" and not step.local.key:
        step.reason = step.reason or "created_without_match_key"


def plan_update(step: Step, theirs: Theirs, terms: Terms) -> None:
    """Bring an object to our state: it was linked, or is now."""
    local = step.local
    link = local.link if local.link and local.link.state == "linked" else None
    step.theirs = theirs
    step.changes = pushed_changes(
        local.values, theirs.properties, terms.mapping, link, is_automatic=terms.is_automatic
    )
    overwritten = _leave_later_ones(step, theirs, terms, link) if terms.is_automatic and link else []
    step.regained = _taken_effect(local, theirs, terms.mapping)
    step.verb = "update"
    if link is None:
        is_ours = _was_announced(local, theirs)
        step.outcome = outcomes.CREATED if is_ours else outcomes.UPDATED
        if not is_ours:
            step.reason = step.reason or _reason_of_match(local, theirs)
    elif link.remote_id != theirs.id:
        step.outcome, step.reason = outcomes.UPDATED, "relinked"
    else:
        step.outcome = outcomes.UPDATED if step.changes or step.regained else outcomes.UNCHANGED
    if overwritten:
        step.reason, step.detail = step.reason or "overwritten", as_detail(overwritten)
    if not step.changes:
        settle(step, theirs, terms)


def conflicting(local: Local, theirs: Theirs, mapping: Mapping) -> list[str]:
    """The properties that both sides changed since the last sync, of a linked record."""
    link = local.link
    if link is None:
        return []
    has = theirs.properties.get
    return [
        item.property
        for definition, item in mapping.outgoing
        if both_changed(definition.name, local.values.get(definition.name), has(item.property), link)
    ]


def _leave_later_ones(step: Step, theirs: Theirs, terms: Terms, link: LinkFacts) -> list[Overwritten]:
    """Leave fields alone that HubSpot changed later than we did: its notice brings them. Else ours wins."""
    there = {
        name: theirs.changed_at[prop]
        for name, prop in terms.mapping.property_names.items()
        if prop in theirs.changed_at
    }
    sent: list[SentChange] = []
    overwritten: list[Overwritten] = []
    for name, prior, text in step.changes:
        if not both_changed(name, step.local.values.get(name), prior, link):
            sent.append((name, prior, text))
        elif is_later_here(name, step.local.edited_at, there):
            sent.append((name, prior, text))
            overwritten.append(Overwritten(name, _as_ours(name, prior, terms.mapping), "hubspot"))
    step.changes = sent
    return overwritten


def _as_ours(name: str, raw: str | None, mapping: Mapping) -> Value:
    """HubSpot's text as our value, where it fits."""
    definition = next(definition for definition, _ in mapping.outgoing if definition.name == name)
    value = to_local(definition, raw, mapping)
    return raw if isinstance(value, Misfit) else value


def _taken_effect(local: Local, theirs: Theirs, mapping: Mapping) -> list[SentChange]:
    """Of what no log tells, the changes that HubSpot holds."""
    has = theirs.properties.get
    return [
        change for change in local.unlogged if has(mapping.property_names.get(change[0], "")) == change[2]
    ]


def _reason_of_match(local: Local, theirs: Theirs) -> str:
    if local.decision:
        return "decided_link"
    return "found_by_key" if theirs.properties.get(KEY_PROPERTY) == local.uuid else "matched"


def _was_announced(local: Local, theirs: Theirs) -> bool:
    """Whether the object is one whose creation we announced, and whose answer was lost."""
    is_marked = theirs.properties.get(KEY_PROPERTY) == local.uuid
    return local.announced_at is not None and (is_marked or _was_made_since(local.announced_at, theirs))


def _was_made_since(moment: datetime | None, theirs: Theirs) -> bool:
    return moment is not None and theirs.created_at >= moment - _CLOCKS_DIFFER


def settle(step: Step, answer: Theirs, terms: Terms) -> None:
    """Take HubSpot's answer to what was sent."""
    before = step.theirs.properties if step.theirs else {}
    properties = {**before, **answer.properties}
    sent = step.changes
    kept = kept_fields(sent, answer.properties, terms.mapping) if step.theirs else []
    link = step.local.link
    step.base = base_after(step.local.values, properties, sent, terms.mapping, link)
    if step.verb == "create":
        # A repeated call finds what the first one made.
        is_ours = answer.is_new is not False or _was_made_since(step.local.announced_at, answer)
        step.outcome = outcomes.CREATED if is_ours else outcomes.UPDATED
        step.reason = step.reason if is_ours else "found_by_key"
    elif kept:
        step.changes = [change for change in sent if change[0] not in kept]
        step.detail = {"kept": kept}
        step.reason = step.reason or "kept_by_hubspot"
        if not step.changes and step.outcome == outcomes.UPDATED and link is not None:
            step.outcome, step.reason = outcomes.SKIPPED, "kept_by_hubspot"
    if terms.is_asked_for and step.local.values.get("company_id") and not step.local.company_remote_id:
        step.reason = step.reason or "company_not_linked"
    step.theirs = answer
    step.link_state = "linked"
    step.is_settled = True


def hold(
    step: Step,
    reason: str,
    *,
    hits: Sequence[Theirs],
    terms: Terms,
    owners: dict[str, int] | None = None,
) -> None:
    """Leave a record to a person, with the objects in question."""
    evidence = ["same_email"] if terms.object_type == "contacts" else ["same_domain"]
    if terms.object_type == "companies" and step.local.key is None:
        evidence = ["same_name"]
    candidates = [
        {"remote_id": hit.id, "name": remote_name(terms.object_type, hit), "evidence": evidence}
        | ({"record_id": owners[hit.id]} if owners and hit.id in owners else {})
        for hit in hits
    ]
    step.verb, step.outcome, step.reason = "leave", outcomes.HELD, reason
    step.detail = {"candidates": candidates}
    step.theirs, step.changes, step.is_settled = None, [], True


def mark_gone(step: Step) -> None:
    """HubSpot has proved that it does not have the object any more."""
    step.verb, step.outcome, step.reason = "leave", outcomes.SKIPPED, "gone_in_hubspot"
    step.link_state, step.is_settled = "gone", True


def fail(step: Step, reason: str, detail: dict[str, Any]) -> None:
    """The record alone could not be pushed."""
    step.verb, step.outcome, step.reason = "leave", outcomes.FAILED, reason
    step.detail, step.changes, step.is_settled = detail, [], True


def remote_name(object_type: ObjectType, theirs: Theirs) -> str:
    """How an object is called, in our words for names."""
    has = theirs.properties.get
    if object_type == "companies":
        return record_name(object_type, {"name": has("name"), "domain": has("domain")})
    values = {"first_name": has("firstname"), "last_name": has("lastname"), "email": has("email")}
    return record_name(object_type, values)
