"""Several calls to HubSpot in flight: threads of one slice, each with a client of its own."""

import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, Generic, Self, TypeVar

from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.usecases.connection.portal import PATIENCE_S
from webapp.usecases.runs.lease import Lease

# The ten batches of a page go at once: HubSpot allows nineteen calls a second at most and may take 300 ms for
# each, and the stages of a page wait for one another. The shared limiter holds all of them back together.
MOST_AT_ONCE = 10

T = TypeVar("T")

Job = Callable[[HubSpotClient], T]
"""Calls HubSpot and returns what it answered; it changes nothing that other threads see."""


class PendingJobs(Generic[T]):
    """Jobs that were begun, and whose results are taken later."""

    def __init__(self, running: Sequence[Future[T]]) -> None:
        self._running = running

    @property
    def are_there(self) -> bool:
        """Whether all of them have ended."""
        return all(one.done() for one in self._running)

    def taken(self) -> list[T]:
        """The results of all jobs, in the order of the jobs.

        Raises:
            Exception: The first that a job raised, once all have ended.
        """
        wait(self._running)
        return [one.result() for one in self._running]

    def drop(self) -> None:
        """Leave out what has not been begun yet; nobody wants the results any more."""
        for one in self._running:
            one.cancel()


class ClientPool:
    """Threads that run jobs; a client serves one of them at a time.

    Args:
        lease: The slice.
        client: Its own client, which serves them as well where it is as patient.
        patience_s: How long a call may wait for the call budget. One that may wait for less than the others
            would end the slice, and what these have read would be read again.
    """

    def __init__(self, lease: Lease, client: HubSpotClient, *, patience_s: float = PATIENCE_S) -> None:
        is_as_patient = patience_s == PATIENCE_S
        self.client = client if is_as_patient else lease.open_client(patience_s=patience_s)
        self._lease = lease
        self._patience_s = patience_s
        self._threads = ThreadPoolExecutor(max_workers=MOST_AT_ONCE)
        self._free: queue.SimpleQueue[HubSpotClient] = queue.SimpleQueue()
        self._free.put(self.client)
        self._opened = 1
        self._running: set[Future[Any]] = set()

    @property
    def services(self) -> Services:
        """The services of the slice."""
        return self._lease.services

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def ask(self, jobs: Iterable[Job[T]]) -> PendingJobs[T]:
        """Begin jobs, behind those that were begun before; their results are taken when they are needed."""
        return PendingJobs(self._begun(list(jobs)))

    def map(self, jobs: Sequence[Job[T]]) -> list[T]:
        """The results of all jobs, in the order of the jobs; one alone is done by the caller's own thread.

        Raises:
            Exception: The first that a job raised, once those that had begun have ended.
        """
        if len(jobs) == 1:
            self._open_clients(1)
            return [self._run(jobs[0])]
        numbered = [_numbered(number, job) for number, job in enumerate(jobs)]
        by_number = dict(one for ended in self.as_ended(numbered) for one in ended)
        return [by_number[number] for number in range(len(jobs))]

    def as_ended(self, jobs: Iterable[Job[T]]) -> Iterator[list[T]]:
        """Yield the results of ended jobs; the next job is taken when a thread is free.

        Raises:
            Exception: The first that a job raised, once those that had begun have ended.
        """
        pending = iter(jobs)
        running = set(self._begun(list(islice(pending, MOST_AT_ONCE))))
        errors: list[BaseException] = []
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            errors += [error for one in ended if (error := one.exception()) is not None]
            if not errors:
                running.update(self._begun(list(islice(pending, len(ended)))))
            if some := [one.result() for one in ended if one.exception() is None]:
                yield some
        if errors:
            raise errors[0]

    def _begun(self, jobs: Sequence[Job[T]]) -> list[Future[T]]:
        self._open_clients(len(jobs))
        begun = [self._threads.submit(self._run, job) for job in jobs]
        self._running.update(begun)
        return begun

    def _open_clients(self, further: int) -> None:
        """Open as many clients as there will be calls at once."""
        self._running = {one for one in self._running if not one.done()}
        while self._opened < min(MOST_AT_ONCE, len(self._running) + further):
            self._free.put(self._lease.open_client(patience_s=self._patience_s))
            self._opened += 1

    def _run(self, job: Job[T]) -> T:
        client = self._free.get()
        try:
            return job(client)
        finally:
            self._free.put(client)


def _numbered(number: int, job: Job[T]) -> Job[tuple[int, T]]:
    return lambda client: (number, job(client))
