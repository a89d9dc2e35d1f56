"""The pages of a push: records read here, whose objects are being read at HubSpot.

While companies are searched for, contacts are sent whose companies need not be waited for. While a page is
sent, the objects of the next one are read, so that neither side waits for the other. Only what does not
depend on the page ahead of it is used: else the page is read once more.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import structs
from sqlalchemy.orm import Session

from webapp.domain.push.ahead import awaited_company, is_worth_filling, next_type, shares_signs
from webapp.domain.push.decide import Candidates, left_out
from webapp.domain.push.facts import Local, PushPolicy
from webapp.domain.records.fields import ObjectType
from webapp.errors import OutdatedReadError
from webapp.store.links import generations
from webapp.store.push import facts as push_facts
from webapp.store.records import company_values
from webapp.usecases.push.finding.find import ask
from webapp.usecases.push.position import Page, Push

# Large pages fill the batches of each kind; what a crash would repeat is only reading. Companies are searched
# for, of which HubSpot allows five a second, so that more of them would outlast a slice.
PAGE_SIZES: dict[ObjectType, int] = {"companies": 500, "contacts": 1000}

_NO_MORE_CONTACTS = math.inf


class Sent(NamedTuple):
    """The records of a page that is about to be sent, and what HubSpot has for them."""

    locals: Sequence[Local]
    candidates: Candidates


def type_at_turn(push: Push, policies: Mapping[str, PushPolicy]) -> ObjectType:
    """The object type of the next page: companies while there are any, unless they are searched for."""
    if push.position.phase == "contacts":
        return "contacts"
    if push.scope.kind != "all":
        # Of a few records nothing is gained by it, and somebody waits for them.
        return "companies"
    if push.is_over() and "companies" not in push.ahead and "contacts" in push.ahead:
        # Only what is being read already is still sent.
        return "contacts"
    searches, are_answered = _next_companies(push, policies["companies"])
    return next_type(
        searches=searches,
        are_answered=are_answered,
        are_contacts_ready=is_worth_filling(searches=searches, are_answered=are_answered)
        and _has_ready_contacts(push, policies["contacts"]),
    )


def _next_companies(push: Push, policy: PushPolicy) -> tuple[int, bool]:
    """How many searches the next companies need, and whether everything about them has been answered."""
    page = _valid_ahead(push, "companies")
    if page is None:
        locals_, generation = _records(push, policy, push.position.after)
        if not locals_ or push.overlay.is_in_flight(locals_):
            return 0, True
        page = push.ahead["companies"] = _page_of(push, policy, push.position.after, locals_, generation)
    return page.searches, page.lookups.are_there


def _has_ready_contacts(push: Push, policy: PushPolicy) -> bool:
    """Whether a full page of contacts need not wait for a company; it is being read then."""
    if _valid_ahead(push, "contacts") is not None:
        return True
    if push.awaited_company is not None and push.awaited_company > push.position.after:
        return False
    _begin_contacts(push, policy, push.position.contacts_after)
    return "contacts" in push.ahead


def _begin_contacts(push: Push, policy: PushPolicy, after: int, sent: Sent | None = None) -> None:
    """Begin to read the next contacts, where they are a full page and none has to wait for a company."""
    locals_, generation = _records(push, policy, after)
    is_full = len(locals_) == PAGE_SIZES["contacts"]
    # Behind the last full page are contacts for which there is time once the companies are through.
    push.awaited_company = (
        awaited_company(locals_, done_until=push.position.after) if is_full else _NO_MORE_CONTACTS
    )
    if push.awaited_company is None and _may_be_read(push, policy, locals_, sent):
        push.ahead["contacts"] = _page_of(push, policy, after, locals_, generation)


def take_page(push: Push, policy: PushPolicy) -> Page | None:
    """The page at which the push stands, as it was read ahead or as it is now; None behind the last one.

    Raises:
        OutdatedReadError: Another run is sending one of its records at this moment.
    """
    kind = policy.object_type
    if _valid_ahead(push, kind) is not None:
        return push.ahead.pop(kind)
    after = push.position.after_of(kind)
    locals_, generation = _records(push, policy, after)
    if push.overlay.is_in_flight(locals_):
        raise OutdatedReadError
    return _page_of(push, policy, after, locals_, generation) if locals_ else None


def read_ahead(push: Push, policy: PushPolicy, page: Page, candidates: Candidates) -> None:
    """Begin to read the page behind this one, whose objects are known, and which is about to be sent."""
    if push.is_over() or len(page.locals) < PAGE_SIZES[policy.object_type]:
        return
    after, sent = page.locals[-1].id, Sent(page.pushed, candidates)
    if policy.object_type == "contacts" and push.position.phase == "companies":
        _begin_contacts(push, policy, after, sent)
        return
    locals_, generation = _records(push, policy, after)
    if _may_be_read(push, policy, locals_, sent):
        push.ahead[policy.object_type] = _page_of(push, policy, after, locals_, generation)


def _valid_ahead(push: Push, kind: ObjectType) -> Page | None:
    """The page that was read ahead, if it is the one at which the push stands."""
    ahead = push.ahead.get(kind)
    if ahead is not None and ahead.after != push.position.after_of(kind):
        del push.ahead[kind]
        ahead.lookups.drop()
        return None
    return ahead


def _may_be_read(push: Push, policy: PushPolicy, locals_: Sequence[Local], sent: Sent | None) -> bool:
    """Whether the objects of these may be read before those of the page ahead of them have been sent."""
    depends = sent is not None and shares_signs(sent.locals, sent.candidates, locals_, policy.object_type)
    return bool(locals_) and not depends and not push.overlay.is_in_flight(locals_)


def current_generation(push: Push) -> int:
    """The generation of what is read from now on."""
    with push.lease.services.database.reading() as session:
        return generations.current(session, push.lease.connection_id)


def _page_of(push: Push, policy: PushPolicy, after: int, locals_: Sequence[Local], generation: int) -> Page:
    still = [local for local in locals_ if not local.is_done]
    left = {local.id: why for local in still if (why := left_out(local, policy)) is not None}
    pushed = [local for local in still if local.id not in left]
    begun = ask(push.pool, policy, pushed, push.further_domains)
    return Page(
        after=after,
        locals=locals_,
        left=left,
        pushed=pushed,
        generation=generation,
        lookups=begun.lookups,
        searches=begun.searches,
    )


def _records(push: Push, policy: PushPolicy, after: int) -> tuple[list[Local], int]:
    """The next records, and the generation of our writes before they were read."""
    lease = push.lease
    generation = current_generation(push)
    with lease.services.database.reading() as session:
        locals_ = push_facts.page(
            session,
            lease.connection_id,
            lease.run_id,
            policy.object_type,
            push.scope,
            after_id=after,
            limit=PAGE_SIZES[policy.object_type],
        )
        locals_ = _with_company_values(session, policy, locals_)
        if policy.object_type == "contacts":
            locals_ = push.overlay.with_companies(session, locals_)
    return locals_, generation


def _with_company_values(session: Session, policy: PushPolicy, locals_: list[Local]) -> list[Local]:
    """The records, of which new contacts know what the rule reads about their companies."""
    if not policy.rule.company_fields:
        return locals_
    found = company_values.for_rule(
        session, policy.rule, [_company_id(local) for local in locals_ if local.link is None]
    )
    return [
        structs.replace(local, company_values=found.get(_company_id(local) or 0))
        if local.link is None
        else local
        for local in locals_
    ]


def _company_id(local: Local) -> int | None:
    number = local.values.get("company_id")
    return number if isinstance(number, int) else None
