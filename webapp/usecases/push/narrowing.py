"""Batches of which HubSpot refuses all because of one: the guilty input is found, and the rest goes on."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct, field

from webapp.errors import TwinbookError, WaitLongerError
from webapp.hubspot.batches import BatchAnswer
from webapp.hubspot.errors import (
    Conflict,
    HubSpotError,
    LimiterUnavailable,
    NotFound,
    RequestRefused,
    ValidationFailed,
)
from webapp.hubspot.objects import RemoteObject

T = TypeVar("T")

_CONCERNS_INPUTS = (ValidationFailed, Conflict, RequestRefused, NotFound)
_TARGET_OF_TAKEN_VALUE = re.compile(r"\} on (\d+)\.")


class Input(Struct, frozen=True):
    """What identifies an input: its key in the answer, and the properties that it sends."""

    key: str
    properties: Mapping[str, str]


class Answers(Struct):
    """What became of each input, by its key; one that HubSpot left out without an error is in `missing`."""

    results: dict[str, RemoteObject] = field(default_factory=dict)
    errors: dict[str, HubSpotError] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    passing: TwinbookError | None = None
    """What may pass, and kept some inputs from being answered: they have neither result nor error."""


def send_narrowed(
    send: Callable[[Sequence[T]], BatchAnswer], inputs: Sequence[T], read: Callable[[T], Input]
) -> Answers:
    """Send a batch; of one that is refused as a whole send the suspects and the rest again.

    Args:
        send: Sends some of the inputs.
        inputs: All of them.
        read: What identifies an input.

    Returns:
        What is known of each input. Trouble that concerns the call rather than an input (limits, token,
        connection) ends the sending and stands in `passing`: what was answered before must not be lost.
    """
    answers = Answers()
    pending = [list(inputs)] if inputs else []
    while pending:
        batch = pending.pop()
        try:
            answer = send(batch)
        except _CONCERNS_INPUTS as error:
            if len(batch) == 1:
                answers.errors[read(batch[0]).key] = error
            else:
                pending += _divided(batch, error, read)
            continue
        except (HubSpotError, WaitLongerError, LimiterUnavailable) as trouble:
            answers.passing = trouble
            break
        _take(answers, answer)
    return answers


def _take(answers: Answers, answer: BatchAnswer) -> None:
    answers.results.update(answer.by_key)
    for key in answer.missing_ids:
        error = answer.error_of(key)
        if error is None or isinstance(error, NotFound):
            answers.missing.append(key)
        elif error.retryable:
            answers.passing = error
        else:
            answers.errors[key] = error


def _divided(batch: list[T], error: HubSpotError, read: Callable[[T], Input]) -> list[list[T]]:
    """Suspects and the rest; two halves where the answer names nobody."""
    suspects = [one for one in batch if _is_named(read(one), error)]
    if 0 < len(suspects) < len(batch):
        rest = [one for one in batch if not _is_named(read(one), error)]
        return [rest, suspects]
    half = len(batch) // 2
    return [batch[half:], batch[:half]]


def _is_named(one: Input, error: HubSpotError) -> bool:
    """Whether a refusal speaks of this input: by id, by trace id, or by a value that it sends."""
    for name in ("ids", "id", "objectWriteTraceId"):
        if one.key in error.context.get(name, ()):
            return True
    if isinstance(error, Conflict) and (target := _TARGET_OF_TAKEN_VALUE.search(error.message)):
        return target[1] == one.key
    problems: Sequence[Any] = error.problems if isinstance(error, ValidationFailed) else ()
    return any(_has_value(one, problem.property_name, problem.message) for problem in problems)


def _has_value(one: Input, property_name: str | None, message: str) -> bool:
    value = one.properties.get(property_name) if property_name else None
    return bool(value) and str(value) in message
