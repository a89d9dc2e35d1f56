"""Batches of writes that HubSpot refuses because of one: the guilty is found, and the rest goes on."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.errors import TwinbookError, WaitLongerError
from webapp.hubspot.batches import BatchAnswer
from webapp.hubspot.calls.in_parts import MOST_ALONE, halves
from webapp.hubspot.errors import (
    Conflict,
    HubSpotError,
    LimiterUnavailable,
    MalformedAnswer,
    MissingScopes,
    NotFound,
    RefusedValue,
    RequestRefused,
    ValidationFailed,
)
from webapp.hubspot.objects import RemoteObject

T = TypeVar("T")
R = TypeVar("R")

_CONCERNS_INPUTS = (ValidationFailed, Conflict, RequestRefused, NotFound, MissingScopes)
_OF_WHOLE_PROPERTIES = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE")
"""With these codes it refuses every value of a property."""
_TARGET_OF_TAKEN_VALUE = re.compile(r"\} on (\d+)\.")


class Input(Struct, frozen=True):
    """What identifies an input: its key in the answer, and the properties that it sends."""

    key: str
    properties: Mapping[str, str]


class Answers(Struct):
    """The end of each input, by its key; one that HubSpot left out without an error is in `missing`."""

    results: dict[str, RemoteObject] = field(default_factory=dict)
    errors: dict[str, HubSpotError] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unsettled: dict[str, HubSpotError] = field(default_factory=dict)
    """What HubSpot could not do just now of single inputs: it may pass by itself, and concerns no other."""
    passing: TwinbookError | None = None
    """What may pass, and kept some inputs from being answered: they have neither result nor error."""


def send_narrowed(
    send: Callable[[Sequence[T]], BatchAnswer],
    inputs: Sequence[T],
    read: Callable[[T], Input],
    *,
    may_be_absent: bool = False,
    are_alone: bool = False,
) -> Answers:
    """Send a batch; of one that is refused as a whole send the suspects and the rest again.

    Args:
        send: Sends some of the inputs.
        inputs: All of them.
        read: What identifies an input.
        may_be_absent: Whether inputs are about objects that may be gone; else what is not found is another
            object that they name.
        are_alone: Whether each is sent alone.

    Returns:
        What is known of each input. Trouble that concerns the call rather than an input (limits, token,
        connection) ends the sending and stands in `passing`: what was answered before must not be lost.
        An input that is refused alone and without a reason is unsettled: somebody before HubSpot may have
        refused it, and may let it pass the next time.
    """
    sending = _Sending(send, read, may_be_absent=may_be_absent)
    sending.send_all([[one] for one in reversed(inputs)] if are_alone else [list(inputs)])
    return sending.answers


class _Sending(Generic[T]):
    """The sending of inputs: those still to be sent, and the answers so far."""

    def __init__(
        self, send: Callable[[Sequence[T]], BatchAnswer], read: Callable[[T], Input], *, may_be_absent: bool
    ) -> None:
        self.answers = Answers()
        self._send = send
        self._read = read
        self._may_be_absent = may_be_absent
        self._pending: list[list[T]] = []
        self._unexplained: list[list[T]] = []
        self._has_passed = False
        self._is_over = False

    def send_all(self, batches: list[list[T]]) -> None:
        """Send them, the last first; of what is refused without a reason both halves before any quarter."""
        self._pending = batches
        while not self._is_over and (self._pending or self._unexplained):
            self._pending = self._pending or halves(self._unexplained.pop())
            if batch := self._pending.pop():
                self._send_some(batch)

    def _send_some(self, batch: list[T]) -> None:
        try:
            answer = self._send(batch)
        except (HubSpotError, WaitLongerError, LimiterUnavailable) as error:
            if isinstance(error, HubSpotError) and error.may_be_of_content:
                self._take_unexplained(error, batch)
            elif isinstance(error, _CONCERNS_INPUTS) and not _is_of_call(error, self.answers):
                self._take_refusal(error, batch)
            else:
                self._end(error)
        else:
            self._has_passed = True
            self._pending += _take(self.answers, answer, batch, self._read, may_be_absent=self._may_be_absent)

    def _take_unexplained(self, error: HubSpotError, batch: list[T]) -> None:
        if len(batch) > 1:
            self._unexplained.append(batch)
            return
        self.answers.unsettled[self._read(batch[0]).key] = error
        if not self._has_passed and len(self.answers.unsettled) == MOST_ALONE:
            # It is not about them.
            self.answers.unsettled.clear()
            self._end(error)

    def _end(self, trouble: TwinbookError) -> None:
        self._is_over, self.answers.passing = True, trouble

    def _take_refusal(self, error: HubSpotError, batch: list[T]) -> None:
        if carriers := _carriers(batch, error, self._read):
            self.answers.errors |= dict.fromkeys(carriers, _of_properties(error))
            self._pending.append([one for one in batch if self._read(one).key not in carriers])
        elif len(batch) == 1:
            self.answers.errors[self._read(batch[0]).key] = error
        else:
            self._pending += _divided(batch, error, self._read)


def is_about_key(error: HubSpotError) -> bool:
    """Whether HubSpot refuses our unique property itself: the values that we give it are always fit."""
    return KEY_PROPERTY in error.message and not isinstance(error, Conflict)


def _is_of_call(error: HubSpotError, answers: Answers) -> bool:
    """Whether it is about no single input.

    So is a refusal of our unique property, a call that could not be made, what refuses any call, and a
    missing permission that is the app's or that of every object.
    """
    if is_about_key(error) or error.is_unexplained:
        return True
    if not isinstance(error, MissingScopes):
        return isinstance(error, RequestRefused) and error.status is None
    return error.is_of_app or (not answers.results and len(answers.errors) >= MOST_ALONE)


def _carriers(batch: Sequence[T], error: HubSpotError, read: Callable[[T], Input]) -> list[str]:
    """The inputs that send a property of which HubSpot takes no value, whichever it is."""
    names = {problem.property_name for problem in _of_whole_properties(error)}
    return [read(one).key for one in batch if not names.isdisjoint(read(one).properties)] if names else []


def _of_whole_properties(error: HubSpotError) -> list[RefusedValue]:
    problems = error.problems if isinstance(error, ValidationFailed) else ()
    return [one for one in problems if one.property_name and one.code in _OF_WHOLE_PROPERTIES]


def _of_properties(error: HubSpotError) -> HubSpotError:
    """The error less what it says of single values, which concern the one input that has them."""
    problems = _of_whole_properties(error)
    return ValidationFailed(
        "; ".join(one.message for one in problems) or error.message,
        problems=problems,
        status=error.status,
        category=error.category,
        correlation_id=error.correlation_id,
        property_name=problems[0].property_name,
    )


def _take(
    answers: Answers, answer: BatchAnswer, batch: list[T], read: Callable[[T], Input], *, may_be_absent: bool
) -> list[list[T]]:
    """Take what an answer says of each input.

    Returns:
        Those to be sent again in two parts, since one of them is refused by an error that names nobody.
    """
    answers.results.update(answer.by_key)
    if answer.unreadable:
        # They may well have been written, so the objects are read before anything is sent again.
        why = next(iter(answer.unreadable.values())).why
        answers.passing = MalformedAnswer(f"The answer to a write could not be read: {why}")
    suspects = _suspects(answer)
    for key in answer.missing_ids:
        error = answer.error_of(key)
        if key in suspects:
            continue
        if error is None or (may_be_absent and isinstance(error, NotFound)):
            answers.missing.append(key)
        elif error.may_be_of_one:
            answers.unsettled[key] = error
        elif error.retryable or is_about_key(error):
            answers.passing = error
        else:
            answers.errors[key] = error
    again, half = [one for one in batch if read(one).key in suspects], len(suspects) // 2
    return [again[half:], again[:half]] if again else []


def _suspects(answer: BatchAnswer) -> set[str]:
    """The inputs of which only some are refused, and the answer does not say which; the rest was left out."""
    unnamed = [item.error for item in answer.errors if not item.keys]
    named = {key for item in answer.errors for key in item.keys}
    suspects = {key for key in answer.missing_ids if key not in named}
    is_about_some = 0 < len(unnamed) < len(suspects) and not any(error.retryable for error in unnamed)
    return suspects if is_about_some else set()


def _divided(batch: list[T], error: HubSpotError, read: Callable[[T], Input]) -> list[list[T]]:
    """Suspects and the rest; two halves where the answer names nobody."""
    suspects = [one for one in batch if _is_named(read(one), error)]
    if 0 < len(suspects) < len(batch):
        rest = [one for one in batch if not _is_named(read(one), error)]
        return [rest, suspects]
    return halves(batch)


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
