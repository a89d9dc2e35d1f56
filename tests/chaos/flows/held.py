"""What people decide about held objects and records, and the check of what was made at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import update

from tests.chaos.beds.bed import Bed
from tests.chaos.flows.flow import Flow, all_agree, all_finished, contacts_of, run
from tests.support.applications.services import current_services, writing
from tests.support.invariants.laws import Picture
from tests.support.samples.factories import make_contact
from tests.support.usecases import pulling
from tests.support.usecases.pushing import held
from webapp.domain.push.creation_checks import CHECKED_AFTER
from webapp.models import CreationCheck, RemoteObject, Run
from webapp.usecases.held import decisions
from webapp.usecases.held import records as held_records

_PEOPLE = (("Eva", "Kern", "30 1234567"), ("Jonas", "Roth", "731 998877"), ("Ida", "Vogt", "40 5556677"))
_APART = 1
"""So many of the objects are kept apart, the others linked."""


def _doubtful(bed: Bed) -> int:
    """Contacts in HubSpot that may be contacts here, and are held by a pull."""
    sandbox = bed.world.sandbox
    firm = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
    for number, (first, last, phone) in enumerate(_PEOPLE):
        make_contact(first_name=first, last_name=last, email=f"other{number}@x.de", phone=f"0{phone}")
        values = {"firstname": first, "lastname": last, "email": f"{first}@n.de".lower()}
        sandbox.create("contacts", {**values, "phone": f"+49 {phone}"}, [firm])
    run_id = run(bed, "pull")
    assert len(_held_objects()) == len(_PEOPLE), pulling.outcomes(run_id)
    return 0


def _held_objects() -> list[RemoteObject]:
    return [one for one in pulling.left_out("contacts") if one.state == "held"]


def _begin_page(bed: Bed, _: int) -> None:
    """Somebody ticks several, links these, and keeps others apart."""
    ids = [one.id for one in _held_objects()]
    for some, verb in ((ids[_APART:], "link"), (ids[:_APART], "apart")):
        decisions.resolve_several(current_services(), some, verb, bed.user_id)  # type: ignore[arg-type]


def _begin_one(bed: Bed, _: int) -> None:
    """Somebody links one object to its candidate."""
    found = _held_objects()
    if len(found) < len(_PEOPLE) or any(one.decision for one in found):
        # It was decided before something went wrong, and is carried out by itself.
        return
    [candidate] = (found[0].detail or {})["candidates"]
    decisions.resolve(current_services(), found[0].id, "link", candidate["record_id"], bed.user_id)


def _held_by_a_push(bed: Bed) -> int:
    """The same, and a push has held the records as well."""
    _doubtful(bed)
    run(bed, "push")
    assert len(held()) == len(_PEOPLE)
    return 0


def _begin_records(bed: Bed, _: int) -> None:
    """Somebody ticks several held records, and links each to its only candidate."""
    held_records.resolve_several(current_services(), [one.id for one in held()], "link", bed.user_id)


def _made_meanwhile(bed: Bed) -> int:
    """A company that somebody made in HubSpot while a push made it too, since the search did not show it."""
    bed.world.add_here("companies", "Firm 1", "n1.de")
    bed.world.add_there("companies", "Firm 1", "n1.de")
    bed.world.add_here("contacts", "Person 1a", "a@n1.de", bed.world.here("companies")[0].id)
    bed.world.sandbox.settings(search_delay_s=3600)
    run(bed, "push")
    bed.world.sandbox.settings(search_delay_s=0)
    return 0


def _begin_check(_bed: Bed, _: int) -> None:
    """Twice the time has gone by that the search lags; the schedule begins the check, as it always does."""
    long_ago = datetime.now(UTC) - 3 * CHECKED_AFTER
    with writing() as session:
        session.execute(update(CreationCheck).values(not_before=long_ago))
        session.execute(update(Run).where(Run.finished_at.is_not(None)).values(finished_at=long_ago))


def _judge_page(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Each object has its record: the one that it may have been, or a new one; nothing is asked any more."""
    assert after.there == before.there
    _insist_on(after, linked=len(_PEOPLE), made=_APART)
    assert pulling.left_out() == []


def _judge_one(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """The one object has its record, and the others wait for their answers."""
    assert after.there == before.there
    _insist_on(after, linked=1, made=0)
    assert len(_held_objects()) == len(_PEOPLE) - 1


def _judge_records(_before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Each record has its object; nothing is asked any more."""
    _insist_on(after, linked=len(_PEOPLE), made=0)
    assert (pulling.left_out(), held()) == ([], [])


def _insist_on(after: Picture, *, linked: int, made: int) -> None:
    assert len(after.links["contacts"]) == linked
    assert len(after.here["contacts"]) == len(_PEOPLE) + made
    assert len(after.there["contacts"]) == len(_PEOPLE)
    all_agree(after)
    all_finished()


def _judge_check(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Their object stays, with our contact; ours is gone."""
    [firm] = after.here["companies"]
    ours, _state = before.links["companies"][firm.id]
    [remote] = [one for one in before.there["companies"] if one.id != ours]
    assert after.there["companies"] == [remote]
    assert after.links["companies"][firm.id] == (remote.id, "linked")
    assert len(contacts_of(after.there["contacts"], remote.id)) == len(after.here["contacts"])
    all_agree(after)


FLOWS = (
    Flow("decisions", _doubtful, _begin_page, _judge_page),
    Flow("one decision", _doubtful, _begin_one, _judge_one),
    Flow("decisions about records", _held_by_a_push, _begin_records, _judge_records),
    Flow("check of new objects", _made_meanwhile, _begin_check, _judge_check),
)
