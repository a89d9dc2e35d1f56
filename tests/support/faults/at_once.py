"""Several workers of this process at once, whose calls to HubSpot come in an order that a seed decides.

Each call waits until every worker is about to make one, or has ended; then one of them goes on to its next
call. So all that may happen between two calls happens, and the same seed tells the same story again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from threading import Condition, Thread, get_ident
from typing import Any

import pytest
from flask import Flask

from tests.support.applications.workers_in_turn import without_threads
from webapp.hubspot.http.transport import Transport

_PATIENCE_S = 300


class _Turns:
    """Whose turn it is among those that wait for theirs."""

    def __init__(self, workers: int, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - an order of calls, no secret
        self._changed = Condition()
        self._alive = workers
        self._waiting: dict[int, int] = {}
        self._next: int | None = None
        self._numbers: dict[int, int] = {}

    def register(self, number: int) -> None:
        with self._changed:
            self._numbers[get_ident()] = number

    def wait(self) -> None:
        """Wait until it is this worker's turn; others that are no workers do not wait."""
        with self._changed:
            number = self._numbers.get(get_ident())
            if number is None:
                return
            self._waiting[number] = number
            self._choose()
            assert self._changed.wait_for(lambda: self._next == number, _PATIENCE_S), "it is nobody's turn"
            self._next = None
            del self._waiting[number]

    def leave(self) -> None:
        with self._changed:
            self._alive -= 1
            self._choose()

    def _choose(self) -> None:
        if self._next is None and self._waiting and len(self._waiting) == self._alive:
            self._next = self._random.choice(sorted(self._waiting))
            self._changed.notify_all()


def at_once(works: Sequence[tuple[Flask, Callable[[], object]]], seed: int) -> list[Any]:
    """Do several things at once, each with an application of its own; what they come to."""
    turns, results, errors = _Turns(len(works), seed), [None] * len(works), list[BaseException]()

    def do(number: int, app: Flask, work: Callable[[], Any]) -> None:
        turns.register(number)
        try:
            with app.app_context():
                results[number] = work()
        except BaseException as error:  # noqa: BLE001 - raised where the workers are waited for
            errors.append(error)
        finally:
            turns.leave()

    with pytest.MonkeyPatch.context() as patch:
        without_threads(patch)
        real = Transport.send

        def send(self: Transport, *given: Any, **how: Any) -> Any:
            turns.wait()
            return real(self, *given, **how)

        patch.setattr(Transport, "send", send)
        threads = [Thread(target=do, args=(number, *one), daemon=True) for number, one in enumerate(works)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE_S)
            assert not thread.is_alive(), "a worker does not come to its end"
    for error in errors:
        raise error
    return results
