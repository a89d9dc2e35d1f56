"""Puts the former values of properties back in HubSpot; what it refuses is left out, and named."""

import time
from collections.abc import Mapping as Values
from collections.abc import Sequence
from typing import Any

from msgspec import structs

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.refusals.refusal import Refusal, RefusedProperty
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.domain.undo.leaving_out import REFUSED, without_refused
from webapp.domain.undo.remote import RemoteUndoPlan
from webapp.hubspot.batches import UpdateInput
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import HubSpotError
from webapp.store.undo.remote import Reverted
from webapp.usecases.push.sending.batches import as_refusal, refused_properties
from webapp.usecases.push.sending.narrowing import Answers, Input, send_narrowed

_STAGE = "lifecyclestage"
"""The lifecycle stage: HubSpot only moves it forward; to go back it is cleared first."""
_TRIES = 4
_UNSETTLED_S = 2.0
"""What HubSpot could not do of one object just now may pass in so long: it says so of those being written."""


def put_back(client: HubSpotClient, mapping: Mapping, restored: Sequence[Reverted]) -> None:
    """Put the former values of objects back, and store HubSpot's answer in each.

    Args:
        client: The client of the portal.
        mapping: The mapping in force.
        restored: The objects, planned and announced.

    Raises:
        TwinbookError: Trouble that may pass.
    """
    names, kind = mapping.property_names, mapping.object_type
    stages = _stages(restored, names)
    inputs = [_input(one, names) for one in restored]
    back_a_stage = [UpdateInput(one.id, {_STAGE: ""}) for one in inputs if one.properties.get(_STAGE)]
    _update(client, kind, back_a_stage)
    pending = list(restored)
    while pending:
        answers = _update(client, kind, [_input(one, names) for one in pending])
        # Fewer fields are sent each time, so this ends.
        pending = [one for one in pending if _goes_once_more(one, answers, mapping)]
    left = stages.keys() - _stages(restored, names).keys()
    # A stage that HubSpot has cleared, and does not take back, stays what it was.
    _update(client, kind, [UpdateInput(remote_id, {_STAGE: stages[remote_id]}) for remote_id in sorted(left)])


def _input(one: Reverted, names: Values[str, str]) -> UpdateInput:
    return UpdateInput(
        str(one.entry.remote_id), {names[name]: text for name, _held, text in one.plan.changes}
    )


def _stages(restored: Sequence[Reverted], names: Values[str, str]) -> dict[str, str]:
    """The present stage of each object that has to leave it."""
    return {
        str(one.entry.remote_id): held
        for one in restored
        for name, held, _text in one.plan.changes
        if names[name] == _STAGE and held
    }


def _goes_once_more(one: Reverted, answers: Answers, mapping: Mapping) -> bool:
    """Store the answer about an object; True if it is sent once more, without the refused properties."""
    remote_id = str(one.entry.remote_id)
    if (found := answers.results.get(remote_id)) is not None:
        one.answer, one.updated_at = found.properties, found.updated_at
        return False
    if (error := answers.errors.get(remote_id)) is not None:
        less = without_refused(one.plan, _refusal(error), mapping)
        one.plan = less or failed(error.stored_text, error.property_name)
        return less is not None
    one.plan = RemoteUndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason="gone_in_hubspot")
    return False


def _refusal(error: HubSpotError) -> Refusal:
    """HubSpot's error about an object; that another one has its address is about this property alone."""
    refusal = as_refusal(error)
    named = tuple(refused_properties(error))
    if refusal.is_conflict and not named:
        named = (RefusedProperty("email", message=refusal.message),)
    first = next((one.name for one in named), None)
    return structs.replace(refusal, properties=named, property=refusal.property or first)


def _update(client: HubSpotClient, kind: ObjectType, inputs: Sequence[UpdateInput]) -> Answers:
    answers = _sent(client, kind, inputs)
    for _ in range(_TRIES - 1):
        if not answers.unsettled:
            return answers
        time.sleep(_UNSETTLED_S)
        again = _sent(client, kind, [one for one in inputs if one.id in answers.unsettled])
        answers.results |= again.results
        answers.errors |= again.errors
        answers.missing += again.missing
        answers.unsettled = again.unsettled
    # What does not pass is left, as what HubSpot refuses is.
    answers.errors |= answers.unsettled
    return answers


def _sent(client: HubSpotClient, kind: ObjectType, inputs: Sequence[UpdateInput]) -> Answers:
    answers = send_narrowed(
        lambda some: client.batch_update(kind, some),
        inputs,
        lambda one: Input(one.id, one.properties),
        may_be_absent=True,
    )
    if answers.passing is not None:
        # When the batch is gone through again, the announcements show what was answered.
        raise answers.passing
    return answers


def failed(message: str, property_name: str | None = None) -> RemoteUndoPlan:
    """What HubSpot refuses altogether is left."""
    detail: dict[str, Any] = {"error": message} | ({"property": property_name} if property_name else {})
    return RemoteUndoPlan(verb="leave", outcome=outcomes.FAILED, reason=REFUSED, detail=detail)
