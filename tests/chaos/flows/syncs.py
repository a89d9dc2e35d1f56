"""Pull, Push, one record, webhook events, edits, and the comparison with HubSpot."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.chaos.beds.bed import Bed
from tests.chaos.flows.flow import (
    Flow,
    Judge,
    add_firm,
    all_agree,
    all_finished,
    begin_bulk,
    filled,
    pulled,
    pushed,
)
from tests.support.applications.services import current_services
from tests.support.invariants import laws
from tests.support.invariants.laws import Picture
from tests.support.invariants.world import FIELDS, Thing
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit_record
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.options import PullRecordOptions, PushRecordOptions
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import of_record, queues

_EDITED = 4
_READERS = 4
_NAMES = (
    "ahorn amsel birke biber buche dachs distel eiche eule esche falke farn fichte fink hase hirsch igel "
    "kiefer lerche linde luchs marder meise otter pappel reh star ulme weide zeder"
)
"""So many companies make several parts of a list; their names do not resemble each other."""
_OF_THEM_HERE = 5
"""Every fifth is here as well."""


def _changed_there(bed: Bed) -> int:
    """Everything pulled, then some objects changed in HubSpot; returns the number of a contact's record."""
    pulled(bed)
    for kind in OBJECT_TYPES:
        for number, one in enumerate(_linked_there(bed, kind)[:_EDITED]):
            bed.world.edit_there(kind, one, FIELDS[number % 2], f"Ulm {number}")
    return _record_of(bed, _linked_there(bed, "contacts")[0])


def _linked_there(bed: Bed, kind: ObjectType) -> list[Thing]:
    linked = {link.remote_id for link in bed.world.links(kind)}
    return [one for one in bed.world.there(kind) if one.id in linked]


def _record_of(bed: Bed, contact: Thing) -> int:
    return next(link.record_id for link in bed.world.links("contacts") if link.remote_id == contact.id)


def _changed_here(bed: Bed) -> int:
    """Everything pushed, then a company and its contacts changed here; returns the company's number."""
    pushed(bed)
    company = bed.world.here("companies")[0]
    bed.world.edit_here("companies", company, city="Kiel")
    for contact in bed.world.here("contacts"):
        if contact.company == company.id:
            bed.world.edit_here("contacts", contact, city="Kiel")
    return int(company.id)


def _filled_with_many(bed: Bed) -> int:
    """More companies and contacts in HubSpot than a part of a list holds, and some of them here."""
    for number, name in enumerate(_NAMES.split()):
        add_firm(bed, "there" if number % _OF_THEM_HERE else "both", name)
    return 0


def _begin_far_pull(bed: Bed, _: int) -> None:
    """Somebody presses the blue Pull of a portal that is large and far away."""
    bed.orders.set_readers(_READERS)
    begin_bulk("pull")(bed, 0)


def _begin_record(
    options_type: type[PullRecordOptions | PushRecordOptions], object_type: ObjectType
) -> Callable[[Bed, int], None]:
    def begin(bed: Bed, record_id: int) -> None:
        options = options_type(object_type=object_type, record_id=record_id)
        of_record.start(current_services(), options, user_id=bed.user_id)

    return begin


def _begin_events(bed: Bed, _: int) -> None:
    """HubSpot reports what was changed: everything, some of it twice, in any order."""
    bed.world.deliver_events(Random(7), arrives=1.0)  # noqa: S311 - the same story each time
    queues.enqueue_automatic(current_services(), queues.LOOK, bed.world.connection_id)


def _begin_edits(bed: Bed, _: int) -> None:
    """People edit linked records here, one after the other."""
    for kind in OBJECT_TYPES:
        for number, link in enumerate(bed.world.links(kind)[:_EDITED]):
            edit_record(kind, link.record_id, city=f"Bonn {number}")


def _begin_reconcile(bed: Bed, _: int) -> None:
    begin_reconcile.start(current_services(), trigger="button", user_id=bed.user_id, is_full=True)


def _judge_bulk(kind: str) -> Judge:
    def judge(before: Picture, after: Picture, bed: Bed, _: int) -> None:
        run = next(run for run in reversed(pulling.all_rows(Run)) if run.kind == kind)
        assert run.state == "finished", (run.state, run.error, run.error_text)
        laws.after_any_run(before, after, run, bed.world)
        (laws.after_pull if kind == "pull" else laws.after_push)(before, after, run)

    return judge


def _judge_agreement(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Every linked pair holds the same, and no link was lost or made."""
    assert after.links == before.links
    all_agree(after)
    all_finished()


def _judge_one(before: Picture, after: Picture, _bed: Bed, record_id: int) -> None:
    """The pulled contact holds what HubSpot holds; nobody else has changed."""
    remote_id, _ = after.links["contacts"][str(record_id)]
    local = next(one for one in after.here["contacts"] if one.id == str(record_id))
    remote = next(one for one in after.there["contacts"] if one.id == remote_id)
    assert (local.values, after.there) == (remote.values, before.there)
    others = [[one for one in side.here["contacts"] if one != local] for side in (before, after)]
    assert [one.id for one in others[1]] == [one.id for one in others[0] if one.id != local.id]


FLOWS = (
    Flow("pull", filled, begin_bulk("pull"), _judge_bulk("pull")),
    Flow("pull by several readers", _filled_with_many, _begin_far_pull, _judge_bulk("pull")),
    Flow("push", filled, begin_bulk("push"), _judge_bulk("push")),
    Flow("pull of one record", _changed_there, _begin_record(PullRecordOptions, "contacts"), _judge_one),
    Flow(
        "push of one record", _changed_here, _begin_record(PushRecordOptions, "companies"), _judge_agreement
    ),
    Flow("webhook events", _changed_there, _begin_events, _judge_agreement),
    Flow("edits", pulled, _begin_edits, _judge_agreement),
    Flow("reconcile", _changed_there, _begin_reconcile, _judge_agreement),
)
