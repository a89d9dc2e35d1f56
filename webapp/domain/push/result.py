"""The result of a record in a push, from its plan and HubSpot's answer."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, structs

from webapp.domain.links.base import Base
from webapp.domain.push.associations import PRIMARY
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.holding import hold
from webapp.domain.push.outgoing import SentChange, base_after, kept_fields
from webapp.domain.push.plan import Create, Fail, Hold, Plan, Sendable, Skip, Update, company_inside, is_sent
from webapp.domain.push.recognition.recognition import was_made_since
from webapp.domain.push.refusals.refusal import Refusal, refusal_detail, refused_detail
from webapp.domain.runs import outcomes

__all__ = ["Answer", "Refusal", "Result"]


Answer = FoundObject | Refusal | None
"""The object after the call, or why there is none; None where HubSpot's answer leaves the record out."""


class Result(Struct, frozen=True, kw_only=True):
    """How a record ended, complete for the link, the log and the counts.

    Attributes:
        outcome, reason: as in `webapp.domain.runs.outcomes`.
        remote: the object as HubSpot answered it last.
        changes: what HubSpot took.
        regained: what an earlier push had sent before it was cut off, and HubSpot holds.
        link_state: what becomes of the link; None keeps it.
        base: the values of both sides from now on, where the record is linked.
        is_refused: whether HubSpot has refused what was announced, and a person is asked.
    """

    local: Local
    outcome: str
    reason: str | None = None
    remote: FoundObject | None = None
    changes: tuple[SentChange, ...] = ()
    regained: tuple[SentChange, ...] = ()
    detail: dict[str, Any] | None = None
    link_state: str | None = None
    base: Base | None = None
    is_refused: bool = False

    @property
    def is_unsettled(self) -> bool:
        """Whether nobody knows what HubSpot made of what was announced: that ends with a look at it."""
        return self.outcome == outcomes.FAILED and self.reason == outcomes.UNSETTLED

    @property
    def may_pass(self) -> bool:
        """Whether it failed for a cause that may pass by itself."""
        return self.outcome == outcomes.FAILED and self.reason in outcomes.PASSING

    @property
    def remote_id(self) -> str | None:
        """The object concerned; a foreseen one that does not exist yet has no number."""
        if self.remote is not None:
            return self.remote.id or None
        return self.local.link.remote_id if self.local.link else None

    @property
    def has_company(self) -> bool:
        """Whether its changes have the company that the object was made with."""
        return any(name == PRIMARY for name, *_ in self.changes)

    @property
    def is_write(self) -> bool:
        """Whether HubSpot has made or changed the object, which a log has to show."""
        return self.outcome == outcomes.CREATED or bool(self.changes or self.regained)

    @property
    def logged_changes(self) -> list[SentChange]:
        """The changes for the log."""
        return [*self.regained, *self.changes]


def unsent_result(plan: Plan, policy: PushPolicy) -> Result | None:
    """The result of a plan without a call to HubSpot; None where there is one."""
    if isinstance(plan, Hold | Skip):
        return left(plan)
    if isinstance(plan, Fail):
        return failed(plan)
    return None if is_sent(plan) or isinstance(plan, Create) else conclude(plan, plan.remote, policy)


def unsent_results(plans: Iterable[Plan], policy: PushPolicy) -> list[Result]:
    """The results of all plans for which HubSpot is not called."""
    return [result for plan in plans if (result := unsent_result(plan, policy)) is not None]


def left(plan: Hold | Skip) -> Result:
    """The result of a record that is not sent."""
    return Result(
        local=plan.local,
        outcome=outcomes.HELD if isinstance(plan, Hold) else outcomes.SKIPPED,
        reason=plan.reason,
        remote=plan.remote if isinstance(plan, Skip) else None,
        detail=plan.detail,
        link_state=plan.link_state,
        regained=plan.regained,
        is_refused=isinstance(plan, Hold) and plan.is_refused,
    )


def failed(plan: Fail) -> Result:
    """The result of a record that could not be looked up, or that could not be planned."""
    return Result(
        local=plan.local,
        outcome=outcomes.FAILED,
        reason=plan.refusal.reason,
        detail=refusal_detail(plan.refusal, {}),
    )


def conclude(plan: Sendable, answer: Answer, policy: PushPolicy) -> Result:
    """The result of a plan after HubSpot's answer, real or foreseen."""
    if not isinstance(answer, FoundObject):
        return _refused(plan, answer)
    return _created(plan, answer, policy) if isinstance(plan, Create) else _updated(plan, answer, policy)


def _created(plan: Create, answer: FoundObject, policy: PushPolicy) -> Result:
    # A repeated call finds what the first one made.
    is_created = answer.is_new is not False or was_made_since(plan.local.announced_at, answer)
    reason = (plan.reason if is_created else "found_by_key") or _reason_of_company(plan.local, policy)
    reason, detail = _reason_and_detail(plan, reason, plan.detail)
    company = company_inside(plan, policy.object_type) if is_created else None
    return Result(
        local=plan.local,
        outcome=outcomes.CREATED if is_created else outcomes.UPDATED,
        reason=reason,
        remote=answer,
        changes=plan.changes if company is None else (*plan.changes, (PRIMARY, None, company)),
        detail=detail,
        link_state="linked",
        base=base_after(plan.local.values, answer.properties, plan.changes, policy.mapping, plan.local.link),
    )


def _updated(plan: Update, answer: FoundObject, policy: PushPolicy) -> Result:
    kept = kept_fields(plan.changes, answer.properties, policy.mapping)
    taken = tuple(change for change in plan.changes if change[0] not in kept)
    outcome, reason = _end_of_update(plan, kept, taken)
    reason, detail = _reason_and_detail(
        plan, reason or _reason_of_company(plan.local, policy), {"kept": kept} if kept else plan.detail
    )
    return Result(
        local=plan.local,
        outcome=outcome,
        reason=reason,
        remote=answer,
        changes=taken,
        regained=plan.regained,
        detail=detail,
        link_state="linked",
        base=base_after(
            plan.local.values,
            {**plan.remote.properties, **answer.properties},
            plan.changes,
            policy.mapping,
            plan.local.link,
        ),
    )


def _end_of_update(plan: Update, kept: Sequence[str], taken: Sequence[SentChange]) -> tuple[str, str | None]:
    """Outcome and reason; if HubSpot changed no field, nothing was updated."""
    if not kept:
        return plan.outcome, plan.reason
    is_none = not taken and plan.outcome == outcomes.UPDATED and plan.local.link is not None
    if is_none:
        return outcomes.SKIPPED, "kept_by_hubspot"
    return plan.outcome, plan.reason or "kept_by_hubspot"


def _reason_of_company(local: Local, policy: PushPolicy) -> str | None:
    """The reason of a push of one contact if its company has no object yet."""
    is_alone = bool(local.values.get("company_id")) and not local.company_remote_id
    return "company_not_linked" if policy.is_requested and is_alone else None


def _refused(plan: Sendable, refusal: Refusal | None) -> Result:
    """HubSpot refused this record alone: its message, and the property and values that it is about."""
    sent = {name: text for name, _prior, text in plan.changes}
    return Result(
        local=plan.local,
        outcome=outcomes.FAILED,
        reason=refusal.reason if refusal is not None else "refused_by_hubspot",
        remote=plan.remote,
        regained=plan.regained,
        detail=refusal_detail(refusal, sent) if refusal is not None else {"error": "record_left_out"},
    )


def _reason_and_detail(
    plan: Sendable, reason: str | None, detail: dict[str, Any] | None = None
) -> tuple[str | None, dict[str, Any] | None]:
    """Reason and detail of a record that was sent; fields that HubSpot refused come before all else."""
    if not plan.refused:
        return reason, detail
    return outcomes.FIELDS_REFUSED, {**(detail or {}), **refused_detail(plan.refused)}


def after_collision(result: Result, owner: int | None, policy: PushPolicy) -> Result:
    """The result if another run has linked the record or the object since the page was read.

    Args:
        result: The result that could not be written.
        owner: The record that has the object now.
        policy: The policy in force.
    """
    if result.remote is None:
        raise ValueError(f"record {result.local.id} collides with no object")
    is_own = owner in (None, result.local.id)
    if result.outcome == outcomes.CREATED or (is_own and result.is_write):
        # It exists in HubSpot, whoever has the link: the log shows it, and an undo finds it.
        return structs.replace(result, link_state=None)
    if is_own:
        return structs.replace(result, outcome=outcomes.SKIPPED, reason="linked_meanwhile", link_state=None)
    owners = {result.remote.id: owner} if owner is not None else {}
    sent = tuple(result.logged_changes)
    return left(hold(result.local, "object_linked", [result.remote], policy, owners=owners, regained=sent))
