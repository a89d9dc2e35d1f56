"""The undo of an entry in HubSpot, decided from a push's entry and the object's present values.

Values are HubSpot's texts, a blank one is "". An entry says of each field what HubSpot held before, and what
was sent; an undo leaves entries of the same kind, so that it can be reverted like any other run.
"""

from collections.abc import Mapping as Values
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from webapp.domain.links.base import Base
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.values import put_back, same_there, to_remote
from webapp.domain.push.associations import PLAIN, PRIMARY
from webapp.domain.push.outgoing import Properties, SentChange
from webapp.domain.records.conversions import parts
from webapp.domain.records.values import Value, is_blank, same
from webapp.domain.runs import outcomes
from webapp.domain.undo.local import LinkNow

Verb = Literal["restore", "archive", "associate", "associate_plainly", "leave"]

ARCHIVED = "undone_archived"
"""The reason of an object that an undo has archived."""

LOGGED = "logged"
"""Why an object is absent that an undo has archived, and of which its log tells already."""


class Sent(Struct, frozen=True):
    """An entry that is to be reverted.

    Attributes:
        remote_id: the object.
        changes: `(field, HubSpot's text before, the text sent)` each; of an association `PRIMARY` or
            `PLAIN` with ids.
        detail: of an association whether the company `was_associated` before; of an undo's own entry the link
            that it took away (`unlinked`).
    """

    at: datetime
    remote_id: str
    outcome: str
    changes: Sequence[SentChange]
    detail: dict[str, Any] = {}
    reason: str | None = None

    @property
    def is_association(self) -> bool:
        """Whether it is about a contact's company and nothing else."""
        return is_about_company(self.outcome, self.changes)


def is_about_company(outcome: str, changes: Sequence[Sequence[Any]] | None) -> bool:
    """Whether an entry is only about a contact's company, not about an object created with its company."""
    return bool(changes) and changes[0][0] in (PRIMARY, PLAIN) and outcome != outcomes.CREATED  # type: ignore[index]


class ObjectNow(Struct, kw_only=True):
    """An object, and its record here, at this moment of the undo.

    Attributes:
        absence: the reason why there is no such object any more; None where there is.
        properties: what it holds.
        late: fields that were not sent, and that somebody filled after the object was made.
        has_others: whether objects without a record here belong to it, as contacts belong to a company.
        companies: of a contact, its companies' ids.
        primary: of a contact, the primary one among them.
        lives_on: of companies that the entry names and that are not there any more, the one that each was
            merged into; None of those that are gone.
        values: the record here; None where there is none.
        link, base: the record's link, and what both sides held after the last sync.
        unlogged: what this undo sent before it was cut off.
        is_being_written: whether another run is sending the record at this moment.
    """

    absence: str | None = None
    properties: Properties = {}
    late: frozenset[str] = frozenset()
    has_others: bool = False
    companies: Sequence[str] = ()
    primary: str | None = None
    lives_on: Values[str, str | None] = {}
    values: dict[str, Value] | None = None
    link: LinkNow | None = None
    base: Base | None = None
    unlogged: Sequence[SentChange] = ()
    is_being_written: bool = False

    def company(self, company_id: str | None) -> str | None:
        """The company as it is by now; None where it is gone."""
        return self.lives_on.get(company_id, company_id) if company_id else company_id


class RemoteUndoPlan(Struct, kw_only=True):
    """How one object is reverted.

    Attributes:
        verb: `restore` fields, `archive` the object, restore its primary company (`associate`), add or take
            away another one (`associate_plainly`), or `leave` it.
        changes: `(field, present text, text put back)` each.
        is_unlinked: whether the link goes that the reverted run had made.
        is_relinked: whether the link comes back that an undo had taken away.
        is_dissociated: of an association, whether the company that was primary is left altogether.
    """

    verb: Verb
    outcome: str
    reason: str | None = None
    changes: list[SentChange] = field(default_factory=list)
    detail: dict[str, Any] | None = None
    is_unlinked: bool = False
    is_relinked: bool = False
    is_dissociated: bool = False


def plan_remote_undo(
    sent: Sent, now: ObjectNow, mapping: Mapping, *, archives: bool, only_field: str | None = None
) -> RemoteUndoPlan:
    """Decide how one entry is reverted in HubSpot.

    Args:
        sent: What the run did with the object.
        now: The object now.
        mapping: The mapping in force.
        archives: Whether a person has agreed to archiving what the run had made there.
        only_field: The field that alone is put back; the link and the object stay as they are.
    """
    if now.absence is not None:
        return _absent(sent, now, now.absence)
    if sent.is_association:
        name = sent.changes[0][0]
        decide = _associated_again if name == PRIMARY else _plain_as_before
        return decide(sent, now) if only_field in (None, name) else _nothing()
    if sent.outcome == outcomes.CREATED and only_field is None:
        return _archived(sent, now, mapping) if archives else _left("undo_keeps_created")
    changes = [change for change in sent.changes if only_field in (None, change[0]) and change[0] != PRIMARY]
    return _restored(sent, changes, now, mapping, is_whole=only_field is None)


def _nothing() -> RemoteUndoPlan:
    return RemoteUndoPlan(verb="leave", outcome=outcomes.UNCHANGED)


def _left(reason: str, fields: Sequence[dict[str, Any]] = ()) -> RemoteUndoPlan:
    detail = {"fields": list(fields)} if fields else None
    return RemoteUndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason=reason, detail=detail)


def _absent(sent: Sent, now: ObjectNow, reason: str) -> RemoteUndoPlan:
    if reason == LOGGED:
        return _nothing()
    if reason == ARCHIVED and sent.outcome != outcomes.CREATED:
        reason = "gone_in_hubspot"
    if reason == "gone_in_hubspot" and sent.reason == ARCHIVED:
        return _left("undo_archived_stays")
    if reason != ARCHIVED:
        return _left(reason)
    # This undo had archived it before it was cut off.
    return RemoteUndoPlan(
        verb="archive", outcome=outcomes.UPDATED, reason=reason, is_unlinked=_is_linked(sent, now)
    )


def _is_linked(sent: Sent, now: ObjectNow) -> bool:
    return now.link is not None and now.link.remote_id == sent.remote_id


def _has_linked(sent: Sent, now: ObjectNow) -> bool:
    """Whether the record's link to this object is the one that the reverted run had made."""
    if now.link is None or not _is_linked(sent, now):
        return False
    return now.link.linked_at == sent.at or bool(sent.detail.get("relinked"))


def _archived(sent: Sent, now: ObjectNow, mapping: Mapping) -> RemoteUndoPlan:
    """The plan for an object that the run had made: archived if nobody has touched it since."""
    made = {name: text for name, _none, text in sent.changes if name != PRIMARY}
    touched = [name for name, text in made.items() if not _is_untouched(name, text, now, mapping)]
    touched += sorted(now.late - made.keys())
    if touched or now.has_others:
        held = now.properties.get
        names = mapping.property_names
        fields = [
            {"field": name, "reason": "changed_since", "value": held(names.get(name, ""))} for name in touched
        ]
        return _left("undo_object_touched", fields)
    return RemoteUndoPlan(
        verb="archive",
        outcome=outcomes.UPDATED,
        reason=ARCHIVED,
        changes=[(name, text, "") for name, text in made.items()],
        is_unlinked=_is_linked(sent, now),
    )


def _restored(
    sent: Sent, changes: Sequence[SentChange], now: ObjectNow, mapping: Mapping, *, is_whole: bool
) -> RemoteUndoPlan:
    back: list[SentChange] = []
    left: list[dict[str, Any]] = []
    sendable = {item.field for _, item in mapping.outgoing}
    for name, before, text in changes:
        held = now.properties.get(mapping.property_names.get(name, ""))
        if name not in sendable:
            left.append({"field": name, "reason": "undo_not_sent", "value": text})
        elif _is_put_back_already(name, before, held, now, mapping):
            back.append((name, text, before or ""))
        elif same_there(name, before, held, mapping):
            continue
        elif _still_holds(name, text, now, mapping):
            back.append((name, held, put_back(mapping.definition_of(name), before, held, mapping)))
        else:
            left.append({"field": name, "reason": "changed_since", "value": held})
    plan = RemoteUndoPlan(
        verb="restore",
        outcome=outcomes.UPDATED,
        changes=back,
        detail={"fields": left} if left else None,
        # An object that was changed since keeps syncing, so its link stays.
        is_unlinked=is_whole and _has_linked(sent, now) and not left,
        is_relinked=is_whole and "unlinked" in sent.detail and now.link is None and now.values is not None,
    )
    if back or plan.is_unlinked or plan.is_relinked:
        plan.reason = "undone_in_part" if left else None
        return plan
    return _left("changed_since", left) if left else _nothing()


def _associated_again(sent: Sent, now: ObjectNow) -> RemoteUndoPlan:
    """A contact's primary company becomes the one before; a company that it did not have is left.

    Companies that were merged in HubSpot since count as those that they live on as.
    """
    before, after = now.company(sent.changes[0][1]), now.company(sent.changes[0][2])
    is_back = same(now.primary, before)
    is_put_back = any(
        field_name == PRIMARY and same(put_back, before) for field_name, _held, put_back in now.unlogged
    )
    if is_back and not is_put_back:
        return _nothing()
    if not is_back and not same(now.primary, after):
        return _left("changed_since", [{"field": PRIMARY, "reason": "changed_since", "value": now.primary}])
    if sent.changes[0][1] and before is None:
        return _left("undo_company_gone", [_gone(PRIMARY, sent.changes[0][1])])
    return RemoteUndoPlan(
        verb="associate",
        outcome=outcomes.UPDATED,
        reason="undone_association",
        changes=[(PRIMARY, after or "", before or "")],
        detail=None if is_back else {"was_associated": bool(before) and before in now.companies},
        # In entries without it this is unknown: an extra plain association does no harm, a missing one might.
        is_dissociated=after is not None and not sent.detail.get("was_associated", True),
    )


def _plain_as_before(sent: Sent, now: ObjectNow) -> RemoteUndoPlan:
    """A company that was added beside the primary one is taken away; one that was taken away comes back."""
    _name, before, after = sent.changes[0]
    named = before or after
    company = now.company(named)
    is_back = (company in now.companies) == bool(before)
    is_put_back = any(name == PLAIN and company in (held, put_back) for name, held, put_back in now.unlogged)
    if is_back and not is_put_back:
        return _nothing()
    if not is_back and now.primary == company:
        # Somebody has made it the primary one since.
        return _left("changed_since", [{"field": PLAIN, "reason": "changed_since", "value": company}])
    if company is None:
        return _left("undo_company_gone", [_gone(PLAIN, named)])
    return RemoteUndoPlan(
        verb="associate_plainly",
        outcome=outcomes.UPDATED,
        reason="undone_plain_association",
        changes=[(PLAIN, "", company) if before else (PLAIN, company, "")],
    )


def _gone(name: str, company_id: str | None) -> dict[str, Any]:
    return {"field": name, "reason": "undo_company_gone", "value": company_id}


def _still_holds(name: str, text: str, now: ObjectNow, mapping: Mapping) -> bool:
    """Whether a property has the value that was sent, or HubSpot's form of it after the last sync."""
    held = now.properties.get(mapping.property_names.get(name, ""))
    if same_there(name, held, text, mapping) or (held or "").casefold() == text.casefold():
        return True
    if now.base is None or name not in now.base.remote_seen or now.base.remote_seen[name] != held:
        return False
    definition = next((one for one, item in mapping.outgoing if item.field == name), None)
    if definition is None:
        return False
    return to_remote(definition, now.base.local_seen.get(name), mapping, held) == text


def _is_untouched(name: str, text: str, now: ObjectNow, mapping: Mapping) -> bool:
    """Whether a property of several choices holds exactly those that were sent."""
    held = now.properties.get(mapping.property_names.get(name, ""))
    if mapping.definition_of(name).kind == "choices" and set(parts(held or "")) != set(parts(text)):
        return False
    return _still_holds(name, text, now, mapping)


def _is_put_back_already(
    name: str, before: str | None, held: str | None, now: ObjectNow, mapping: Mapping
) -> bool:
    """Whether this undo had sent the field before it was cut off; a stage may have been cleared by then."""
    for field_name, _present, sent in now.unlogged:
        if field_name == name and same_there(name, sent, before, mapping):
            return same_there(name, held, before, mapping) or is_blank(held)
    return False
