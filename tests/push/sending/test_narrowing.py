"""A batch that is refused as a whole: each input gets what is about it alone (B49)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from webapp.hubspot.batches import BatchAnswer, UpdateInput
from webapp.hubspot.errors import MissingScopes
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


def test_where_nothing_may_be_edited_it_is_not_about_the_objects() -> None:
    error = MissingScopes(_REFUSED, status=403)
    answers, calls = _sent(100, {str(number) for number in range(100)}, error)
    assert answers.passing is error
    assert calls < 30
