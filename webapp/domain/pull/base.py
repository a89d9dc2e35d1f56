"""The base of a link after a pull: what both sides hold once a plan is carried out."""

from collections.abc import Mapping as Values
from typing import Any

from webapp.domain.links.base import COMPANY, SET_APART, Base
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.options import taken
from webapp.domain.pull.company import company_seen
from webapp.domain.pull.origin import Meeting, Origin, of_link
from webapp.domain.pull.plan import Plan
from webapp.domain.records.values import Value


def base_behind(plan: Plan, record: Values[str, Value], mapping: Mapping, origin: Origin) -> Base:
    """The values of the mapped fields that both sides hold, less the blanks.

    Args:
        plan: What becomes of the object.
        record: The record's values before; empty for a new one.
        mapping: The mapping in force.
        origin: Which decides about fields that were edited here and not sent.
    """
    values = {**record, **plan.values} if record else plan.values
    local_seen, remote_seen = _of_mapped(plan, values, mapping)
    if plan.link is None:
        local_seen = _less_kept(local_seen, plan, mapping) if plan.kept else local_seen
    elif plan.incoming is not None:
        origin, meeting = of_link(origin, plan.link), Meeting(plan.incoming, plan.link, mapping)
        local_seen = _decided_only(local_seen, plan, plan.link, meeting, origin)
        if apart := origin.left_apart(meeting):
            local_seen[SET_APART] = apart
        for name in plan.in_flight:
            local_seen.pop(name, None)
            remote_seen.pop(name, None)
        _leave_open(local_seen, plan.incoming.raw, plan.link, mapping)
        for name in (*mapping.not_incoming, *plan.in_flight):
            _carry_over(name, plan.link, local_seen, remote_seen)
    if mapping.is_narrowed and plan.link is not None:
        return Base({**plan.link.local_seen, **local_seen}, {**plan.link.remote_seen, **remote_seen})
    if mapping.object_type == "contacts" and COMPANY not in plan.in_flight:
        if (company_id := company_seen(plan, values)) is not None:
            local_seen[COMPANY] = company_id
        if plan.remote.company_id is not None:
            remote_seen[COMPANY] = plan.remote.company_id
    return Base(local_seen, remote_seen)


def has_news(plan: Plan, record: Values[str, Value], mapping: Mapping, origin: Origin) -> bool:
    """Whether the link of an unchanged record has to be written nevertheless."""
    link = plan.link
    if plan.is_unmoved:
        return False
    if link is None or link.state != "linked" or link.remote_updated_at != plan.remote.updated_at:
        return True
    if link.awaited_company != plan.awaited_company:
        return True
    if _is_as_before(plan, link, record, mapping):
        return False
    base = base_behind(plan, record, mapping, origin)
    return base.local_seen != link.local_seen or base.remote_seen != link.remote_seen


def _is_as_before(plan: Plan, link: LinkFacts, record: Values[str, Value], mapping: Mapping) -> bool:
    """Whether both sides hold exactly the base, so that nothing has to be decided."""
    local_seen, remote_seen = _of_mapped(plan, record, mapping)
    if mapping.object_type == "contacts":
        if (company_id := record.get(COMPANY)) is not None:
            local_seen[COMPANY] = company_id
        if plan.remote.company_id is not None:
            remote_seen[COMPANY] = plan.remote.company_id
    return local_seen == link.local_seen and remote_seen == link.remote_seen


def _of_mapped(
    plan: Plan, values: Values[str, Value], mapping: Mapping
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of both sides for the fields that HubSpot sent."""
    raw = plan.incoming.raw if plan.incoming else {}
    local_seen: dict[str, Any] = {name: values[name] for name in raw if values.get(name) is not None}
    remote_seen: dict[str, Any] = {name: text for name, text in raw.items() if text is not None}
    if knowing := mapping.knowing_blanks:
        for name in knowing & mapping.incoming_names:
            remote_seen.setdefault(name, None)
            local_seen.setdefault(name, values.get(name))
    return local_seen, remote_seen


def _less_kept(local_seen: dict[str, Any], plan: Plan, mapping: Mapping) -> dict[str, Any]:
    """Our side of the first base of a link; fields that are still to be sent differ in it."""
    pending = dict.fromkeys(plan.kept & mapping.knowing_blanks)
    others = {name: value for name, value in local_seen.items() if name not in plan.kept}
    return {**others, **pending}


def _decided_only(
    local_seen: dict[str, Any], plan: Plan, link: LinkFacts, meeting: Meeting, origin: Origin
) -> dict[str, Any]:
    """Our side; fields that were edited here and not decided by this pull still differ in it.

    A field that no sync has seen since it was mapped is taken as it is.
    """
    knowing = meeting.mapping.knowing_blanks
    base = {
        name: value
        if (name not in plan.kept and origin.has_decided(name, meeting))
        or (name in knowing and name not in link.local_seen)
        else link.local_seen.get(name)
        for name, value in local_seen.items()
    }
    return {name: value for name, value in base.items() if value is not None or name in knowing}


def _leave_open(
    local_seen: dict[str, Any], raw: Values[str, str | None], link: LinkFacts, mapping: Mapping
) -> None:
    """Keep options out of our side that were chosen here and that HubSpot does not offer at present.

    Once it does, they are an edit that is to be sent.
    """
    for name in mapping.options_gone:
        field = mapping.definition_of(name)
        if field.kind == "choices" and name in local_seen:
            before = link.local_seen.get(name)
            local_seen[name] = taken(local_seen[name], raw.get(name), before, field, mapping)


def _carry_over(name: str, link: LinkFacts, local_seen: dict[str, Any], remote_seen: dict[str, Any]) -> None:
    """Fields outside the pull stay as the last push left them."""
    for seen, before in ((local_seen, link.local_seen), (remote_seen, link.remote_seen)):
        if name in before:
            seen[name] = before[name]
