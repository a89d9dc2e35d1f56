"""One person's data: erased by a command, erased beside a Pull, and deleted in HubSpot for privacy."""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import Any

from tests.chaos.beds.bed import Bed
from tests.chaos.flows.flow import Flow, all_finished, begin_bulk, pulled, run
from tests.support.applications.services import current_services
from tests.support.invariants.laws import Picture
from tests.support.invariants.world import Thing
from tests.support.samples.known_person import ADDRESS, Known, begun_apart, signs_in, traces
from tests.support.usecases import pulling
from webapp.models import (
    AuditEntry,
    Erasure,
    InboxEvent,
    Link,
    LogEntry,
    PrivacyDeletion,
    RecordEdit,
)
from webapp.usecases.privacy import erase
from webapp.usecases.privacy import person as persons
from webapp.usecases.records.files import import_run, uploading
from webapp.usecases.runs import lifecycle, queues


class _WorkerOfBed:
    """The worker of a bed works off what the person goes through."""

    def __init__(self, bed: Bed) -> None:
        self._bed = bed

    def work(self, kind: str, *, is_preview: bool = False) -> None:
        if not is_preview:
            run(self._bed, kind)
            return
        lifecycle.start(
            current_services(),
            kind,
            connection_id=self._bed.world.connection_id,
            trigger="button",
            started_by_id=self._bed.user_id,
            is_preview=True,
        )
        self._bed.come_to_rest()

    def check(self, text: str) -> None:
        services, columns = current_services(), text.splitlines()[0].split(",")
        stream = BytesIO(text.encode())
        import_id = uploading.receive(services, "contacts", stream, "people.csv", user_id=self._bed.user_id)
        uploading.choose(services, import_id, columns, columns, again=False)
        import_run.start(services, import_id, user_id=self._bed.user_id, is_preview=True)
        self._bed.come_to_rest()

    def keep_apart(self) -> None:
        begun_apart(self._bed.user_id)
        self._bed.come_to_rest()


def _met(bed: Bed) -> Known:
    """Everything pulled, and among it a person of whom everything that can be kept is."""
    pulled(bed)
    known = Known(bed.world.connection_id, bed.sandbox, bed.user_id, _WorkerOfBed(bed))
    known.goes_through_everything()
    bed.come_to_rest()
    bed.mailbox.messages.clear()
    return known


def _known(bed: Bed) -> int:
    known = _met(bed)
    bed.erased.add(("contacts", str(known.record_id)))
    return known.record_id


def _linked_alone(bed: Bed) -> int:
    """The same, and then deleted in HubSpot for privacy."""
    known = _met(bed)
    bed.sandbox.erase("contacts", known.remote_id)
    bed.world.undelivered.append(("contacts", known.remote_id, "privacy_deleted"))
    return known.record_id


def _begin_command(bed: Bed, _: int) -> None:
    """An operator erases the person."""
    bed.operate("privacy", "erase", ADDRESS, "--yes")


def _begin_beside(bed: Bed, _: int) -> None:
    """An administrator erases the person on a page, while a Pull reads them again."""
    begin_bulk("pull")(bed, 0)
    persons.begin(current_services(), ADDRESS)


def _begin_event(bed: Bed, _: int) -> None:
    """HubSpot reports it, among other changes."""
    bed.world.deliver_events(Random(7), arrives=1.0)  # noqa: S311 - the same story each time
    queues.enqueue_automatic(current_services(), queues.LOOK, bed.world.connection_id)


def _judge_erased(before: Picture, after: Picture, bed: Bed, record_id: int) -> None:
    """Nothing holds anything of the person, but that somebody was erased; nobody else has changed."""
    assert traces() == {}
    assert signs_in(_printed(bed)) == []
    assert after.there == before.there
    assert _others(after.here["contacts"], record_id) == _others(before.here["contacts"], record_id)
    assert str(record_id) not in {one.id for one in after.here["contacts"]}
    [erasure] = pulling.all_rows(Erasure)
    assert erasure.sealed is None
    assert {"record", "log", "mentions"} <= erasure.counts.keys()
    assert len(pulling.all_rows(AuditEntry, action="person_erased")) == 1
    all_finished()


def _judge_refused(before: Picture, after: Picture, bed: Bed, record_id: int) -> None:
    """The link is refused and the record stays; on an administrator's yes everything else goes."""
    assert after.there == before.there
    assert [one.id for one in after.here["contacts"]] == [one.id for one in before.here["contacts"]]
    assert after.links["contacts"][str(record_id)][1] == "refused"
    [deletion] = pulling.all_rows(PrivacyDeletion)
    assert (deletion.record_id, deletion.settled_at) == (record_id, None)
    assert erase.decide_deletion(current_services(), deletion.id, user_id=bed.user_id, erases=True)
    remote_id, _state = before.links["contacts"][str(record_id)]
    assert signs_in(_kept_of(record_id, remote_id)) == []
    all_finished()


def _others(things: list[Thing], record_id: int) -> list[Thing]:
    return [one for one in things if one.id != str(record_id)]


def _kept_of(record_id: int, remote_id: str) -> str:
    """What is kept of a contact beside its record."""
    by_both: tuple[Any, ...] = (LogEntry, Link)
    rows = [
        *(one for table in by_both for one in pulling.all_rows(table) if one.remote_id == remote_id),
        *(one for one in pulling.all_rows(LogEntry) if one.record_id == record_id),
        *pulling.all_rows(RecordEdit, object_type="contacts", record_id=record_id),
        *(one for one in pulling.all_rows(InboxEvent) if one.remote_id == remote_id),
    ]
    return str([vars(one) for one in rows])


def _printed(bed: Bed) -> str:
    return "".join(path.read_text(errors="replace") for path in sorted(bed.folder.glob("*.log")))


FLOWS = (
    Flow("erasure", _known, _begin_command, _judge_erased),
    Flow("erasure beside a pull", _known, _begin_beside, _judge_erased),
    Flow("deletion for privacy", _linked_alone, _begin_event, _judge_refused),
)
