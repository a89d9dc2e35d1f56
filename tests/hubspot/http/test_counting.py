"""Calls are counted once each, whichever threads make them and whichever adds them up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from webapp.hubspot.http.counting import CallCounter

_THREADS, _CALLS = 4, 20


class Interrupted(int):
    """A number in the middle of whose sums another thread takes its turn."""

    def __add__(self, other: int) -> Interrupted:
        time.sleep(0)
        return Interrupted(int(self) + other)

    def __sub__(self, other: int) -> int:
        time.sleep(0)
        return int(self) - int(other)


def test_threads_that_call_and_threads_that_add_up_lose_no_call_and_count_none_twice() -> None:
    counter = CallCounter()
    counter._calls = counter._throttled = Interrupted(0)

    def call() -> None:
        for _ in range(_CALLS):
            counter.add_call()
            counter.add_throttled()

    def add_up() -> tuple[int, int]:
        taken = [counter.take() for _ in range(_CALLS)]
        return sum(calls for calls, _ in taken), sum(throttled for _, throttled in taken)

    with ThreadPoolExecutor(2 * _THREADS) as threads:
        sums = [threads.submit(add_up) for _ in range(_THREADS)]
        for _ in range(_THREADS):
            threads.submit(call)
    taken = [*(one.result() for one in sums), counter.take()]
    assert sum(calls for calls, _ in taken) == counter.calls == _THREADS * _CALLS
    assert sum(throttled for _, throttled in taken) == counter.throttled == _THREADS * _CALLS


def test_what_is_given_back_is_taken_again() -> None:
    counter = CallCounter()
    counter.add_call()
    counter.add_call()
    counter.add_throttled()
    assert counter.take() == (2, 1)
    assert counter.take() == (0, 0)
    counter.give_back(2, 1)
    counter.add_call()
    assert counter.take() == (3, 1)
