"""What comes when its turn has come: a run behind another, one whose press was cut off, and renewed keys."""

from __future__ import annotations

from sqlalchemy import delete, update

from tests.chaos.beds.bed import Bed
from tests.chaos.flows.flow import Flow, all_agree, all_finished, begin_bulk, filled, pulled
from tests.support.applications.services import current_services, reading, writing
from tests.support.invariants import laws
from tests.support.invariants.laws import Picture
from tests.support.usecases import pulling
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.models import KeyRenewal, Run
from webapp.store.matching import renewal
from webapp.store.records.records import TABLES, values_of
from webapp.usecases.runs import lifecycle

_KEYS_OF = {"companies": company_keys, "contacts": contact_keys}


def _begin_both(bed: Bed, _: int) -> None:
    """Somebody presses the blue Pull, and the blue Push while it works."""
    begin_bulk("pull")(bed, 0)
    begin_bulk("push")(bed, 0)


def _begin_cancelled(bed: Bed, _: int) -> None:
    """The same, and the Pull is cancelled at once: whoever cancels has the Push begin."""
    _begin_both(bed, 0)
    pull = _latest("pull")
    lifecycle.cancel(current_services(), pull.id)


def _begin_cut_off(bed: Bed, _: int) -> None:
    """Somebody presses the blue Push, and the page's process ends behind the commit."""
    new = lifecycle.requested(
        current_services(),
        "push",
        connection_id=bed.world.connection_id,
        trigger="button",
        started_by_id=bed.user_id,
    )
    with writing() as session:
        lifecycle.added(session, new)


def _begin_renewal(_bed: Bed, _: int) -> None:
    """This version is started with the keys that an earlier one made."""
    with writing() as session:
        session.execute(delete(KeyRenewal))
        for kind in OBJECT_TYPES:
            session.execute(update(TABLES[kind]).values(phone_key="old", place_key="old"))


def _latest(kind: str) -> Run:
    return next(one for one in reversed(pulling.all_rows(Run)) if one.kind == kind)


def _judge_pushed(before: Picture, after: Picture, bed: Bed, _: int) -> None:
    """HubSpot holds what is here, and nothing is there twice."""
    push = _latest("push")
    laws.after_any_run(before, after, push, bed.world)
    laws.after_push(before, after, push)
    all_finished()


def _judge_both(before: Picture, after: Picture, bed: Bed, _: int) -> None:
    """The Push came behind the Pull: everything is on both sides, once, and alike."""
    laws.nothing_twice(after)
    laws.no_lost_links(before, after, bed.world)
    for kind in OBJECT_TYPES:
        assert {one.id for one in after.here[kind]} == after.links[kind].keys()
        assert {one.id for one in after.there[kind]} == {number for number, _ in after.links[kind].values()}
    all_agree(after)
    pull, push = _latest("pull"), _latest("push")
    assert pull.finished_at is not None
    assert push.started_at is not None
    assert pull.finished_at <= push.started_at
    all_finished()


def _judge_cancelled(before: Picture, after: Picture, bed: Bed, _: int) -> None:
    """The Push came all the same: all that is here is in HubSpot, once, and nothing was lost there."""
    laws.nothing_twice(after)
    laws.no_lost_links(before, after, bed.world)
    for kind in OBJECT_TYPES:
        assert {one.id for one in after.here[kind]} == after.links[kind].keys()
        assert {one.id for one in before.there[kind]} <= {one.id for one in after.there[kind]}
    all_agree(after)
    pull, push = _latest("pull"), _latest("push")
    assert (pull.state, push.state) == ("cancelled", "finished"), (pull.error_text, push.error_text)


def _judge_renewed(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Every record has the keys of this version, and nobody sees anything of it."""
    assert after == before
    with reading() as session:
        assert renewal.next_batch(session) is None
    for kind in OBJECT_TYPES:
        for row in pulling.companies() if kind == "companies" else pulling.contacts():
            for name, key in _KEYS_OF[kind](values_of(kind, row)).items():
                assert getattr(row, name) == key, (kind, row.id, name)


FLOWS = (
    Flow("push behind a pull", filled, _begin_both, _judge_both, waits_for_turn=True),
    Flow("push whose press was cut off", filled, _begin_cut_off, _judge_pushed, waits_for_turn=True),
    Flow("push behind a cancelled pull", filled, _begin_cancelled, _judge_cancelled),
    Flow("renewal of keys", pulled, _begin_renewal, _judge_renewed),
)
