"""Calls in flight: their results come back as values, and an error ends them in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import wait
from typing import Any, cast

import pytest

from tests.support.clocks.patience import PATIENCE_S
from webapp.usecases.push.sending import client_pool
from webapp.usecases.push.sending.client_pool import MOST_AT_ONCE, ClientPool, Job

_OWN_CLIENT = 0


class _Clients:
    """As much of a slice as the pool uses: clients that are numbers."""

    def __init__(self) -> None:
        self.patience_s: list[float] = []

    @property
    def opened(self) -> int:
        return len(self.patience_s)

    def open_client(self, *, patience_s: float) -> int:
        self.patience_s.append(patience_s)
        return self.opened


@pytest.fixture
def clients() -> _Clients:
    return _Clients()


@pytest.fixture
def pool(clients: _Clients) -> Iterator[ClientPool]:
    with ClientPool(cast("Any", clients), cast("Any", _OWN_CLIENT)) as opened:
        yield opened


def _returning(value: int, after: threading.Event | None = None) -> Job[int]:
    def job(_client: object) -> int:
        assert after is None or after.wait(PATIENCE_S)
        return value

    return job


def _raising(error: Exception) -> Job[int]:
    def job(_client: object) -> int:
        raise error

    return job


def test_results_are_in_the_order_of_the_jobs_however_they_end(pool: ClientPool) -> None:
    second_has_ended = threading.Event()

    def second(_client: object) -> int:
        second_has_ended.set()
        return 2

    assert pool.map([_returning(1, second_has_ended), second, _returning(3)]) == [1, 2, 3]


def test_a_result_is_there_while_other_jobs_still_run(pool: ClientPool) -> None:
    """So that what was answered is written before the rest is."""
    is_written = threading.Event()
    results = pool.as_ended([_returning(1, is_written), _returning(2)])
    assert next(results) == [2]
    is_written.set()
    assert list(results) == [[1]]


def test_the_next_job_is_taken_only_when_a_call_is_free(pool: ClientPool) -> None:
    is_free, taken = threading.Event(), []

    def jobs() -> Iterator[Job[int]]:
        for number in range(MOST_AT_ONCE + 2):
            taken.append(number)
            yield _returning(number, is_free if number else None)

    results = pool.as_ended(jobs())
    assert next(results) == [0]
    assert len(taken) == MOST_AT_ONCE + 1
    is_free.set()
    assert sorted(one for some in results for one in some) == list(range(1, MOST_AT_ONCE + 2))


def test_an_error_comes_once_the_others_have_ended_and_nothing_more_is_begun(
    pool: ClientPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_failed, taken, real = threading.Event(), [], wait

    def jobs() -> Iterator[Job[int]]:
        for number in range(2 * MOST_AT_ONCE):
            taken.append(number)
            yield _returning(number, has_failed) if number else _raising(LookupError("first"))

    def watched(*args: Any, **kwargs: Any) -> Any:
        """The others go on once the first has been seen to fail."""
        ended = real(*args, **kwargs)
        has_failed.set()
        return ended

    monkeypatch.setattr(client_pool, "wait", watched)
    results = pool.as_ended(jobs())
    given: list[int] = []
    with pytest.raises(LookupError, match="first"):
        given.extend(one for some in results for one in some)
    assert sorted(given) == list(range(1, MOST_AT_ONCE))
    assert taken == list(range(MOST_AT_ONCE))


def test_a_client_serves_one_job_at_a_time(pool: ClientPool, clients: _Clients) -> None:
    all_run = threading.Barrier(3, timeout=PATIENCE_S)

    def job(client: object) -> int:
        all_run.wait()
        return cast("int", client)

    assert sorted(pool.map([job, job, job])) == [0, 1, 2]
    assert sorted(pool.map([job, job, job])) == [0, 1, 2]
    assert clients.opened == 2


def test_no_call_of_a_patient_push_is_left_to_the_less_patient_client_of_its_slice(clients: _Clients) -> None:
    def served_by(client: object) -> object:
        return client

    jobs = [cast("Job[object]", served_by)] * (2 * MOST_AT_ONCE)
    with ClientPool(cast("Any", clients), cast("Any", _OWN_CLIENT), patience_s=60) as pool:
        served = {pool.client, *pool.map(jobs), *pool.map(jobs[:1])}
    assert _OWN_CLIENT not in served
    assert clients.patience_s == [60] * MOST_AT_ONCE
