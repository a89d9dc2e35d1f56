"""A batch that is refused as a whole: each input gets what is about it alone (B49)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from webapp.hubspot.batches import BatchAnswer, ItemError, UpdateInput
from webapp.hubspot.errors import MissingScopes, RequestRefused, ValidationFailed
from webapp.hubspot.objects import RemoteObject
from webapp.usecases.push.sending.narrowing import Answers, Input, send_narrowed

_REFUSED = "You do not have permission to edit one of these records."


def _sent(count: int, forbidden: Collection[str], error: MissingScopes) -> tuple[Answers, int]:
    """The answers about so many updates, of which some may not be made, and how many calls it took."""
    calls = 0

    def send(inputs: Sequence[UpdateInput]) -> BatchAnswer:
        nonlocal calls
        calls += 1
        ids = [one.id for one in inputs]
        if not set(ids).isdisjoint(forbidden):
            raise error
        # What is left out without an error is missing, and known to be.
        return BatchAnswer(results=[], by_key={}, missing_ids=ids, errors=[])

    inputs = [UpdateInput(str(number), {"city": "Ulm"}) for number in range(count)]
    answers = send_narrowed(send, inputs, lambda one: Input(one.id, one.properties))
    return answers, calls


def test_an_object_that_may_not_be_edited_fails_alone() -> None:
    error = MissingScopes(_REFUSED, status=403)
    answers, calls = _sent(100, {"41"}, error)
    assert answers.passing is None
    assert answers.errors == {"41": error}
    assert sorted(answers.missing, key=int) == [str(number) for number in range(100) if number != 41]
    assert calls < 2 * 8


def test_a_permission_that_the_app_lacks_ends_the_sending_at_once() -> None:
    error = MissingScopes(_REFUSED, status=403, category="MISSING_SCOPES")
    answers, calls = _sent(100, {"41"}, error)
    assert (answers.passing, answers.errors, calls) == (error, {}, 1)


def test_a_call_that_could_not_be_made_is_about_no_object() -> None:
    error, calls = RequestRefused("call_not_made: api.test"), list[int]()

    def send(inputs: Sequence[UpdateInput]) -> BatchAnswer:
        calls.append(len(inputs))
        raise error

    inputs = [UpdateInput(str(number), {"city": "Ulm"}) for number in range(100)]
    answers = send_narrowed(send, inputs, lambda one: Input(one.id, one.properties))
    assert (answers.passing, answers.errors, calls) == (error, {}, [100])


def test_where_nothing_may_be_edited_it_is_not_about_the_objects() -> None:
    error = MissingScopes(_REFUSED, status=403)
    answers, calls = _sent(100, {str(number) for number in range(100)}, error)
    assert answers.passing is error
    assert calls < 30


def test_an_error_that_names_nobody_is_not_held_against_those_that_were_only_left_out() -> None:
    """Such as objects that were merged into others meanwhile."""
    error, calls = ValidationFailed("One value is not allowed.", status=400), list[int]()
    left_out, refused = {"3", "57"}, {"41"}

    def send(inputs: Sequence[UpdateInput]) -> BatchAnswer:
        calls.append(len(inputs))
        missing = [one.id for one in inputs if one.id in left_out | refused]
        results = [_object(one.id) for one in inputs if one.id not in missing]
        errors = [ItemError((), error)] if refused & set(missing) else []
        return BatchAnswer(results, {one.id: one for one in results}, missing, errors)

    inputs = [UpdateInput(str(number), {"city": "Ulm"}) for number in range(100)]
    answers = send_narrowed(send, inputs, lambda one: Input(one.id, one.properties), may_be_absent=True)
    assert (answers.passing, answers.errors) == (None, {"41": error})
    assert (sorted(answers.missing), len(answers.results)) == (["3", "57"], 97)
    assert calls[0] == 100
    assert sum(calls[1:]) <= 2 * 3


def test_where_each_has_an_error_that_names_nobody_nothing_is_sent_again() -> None:
    error, calls = ValidationFailed("No value is allowed.", status=400), list[int]()

    def send(inputs: Sequence[UpdateInput]) -> BatchAnswer:
        calls.append(len(inputs))
        return BatchAnswer([], {}, [one.id for one in inputs], [ItemError((), error) for _ in inputs])

    inputs = [UpdateInput(str(number), {"city": "Ulm"}) for number in range(100)]
    answers = send_narrowed(send, inputs, lambda one: Input(one.id, one.properties), may_be_absent=True)
    assert (len(answers.errors), calls) == (100, [100])


def _object(number: str) -> RemoteObject:
    now = datetime.now(UTC)
    return RemoteObject(id=number, properties={}, created_at=now, updated_at=now)
