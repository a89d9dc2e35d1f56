"""Several calls to HubSpot in flight: threads of one slice, each with a client of its own."""

import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Self, TypeVar

from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.usecases.runs.lease import Lease

# The ten batches of a page go at once: HubSpot allows nineteen calls a second at most and may take 300 ms for
# each, and the stages of a page wait for one another. The shared limiter holds all of them back together.
MOST_AT_ONCE = 10

T = TypeVar("T")

Job = Callable[[HubSpotClient], T]
"""Calls HubSpot and returns what it answered; it changes nothing that other threads see."""


class ClientPool:
    """Threads that run jobs; a client serves one of them at a time."""

    def __init__(self, lease: Lease, client: HubSpotClient) -> None:
        self.client = client
        self._lease = lease
        self._threads = ThreadPoolExecutor(max_workers=MOST_AT_ONCE)
        self._free: queue.SimpleQueue[HubSpotClient] = queue.SimpleQueue()
        self._free.put(client)
        self._opened = 1

    @property
    def services(self) -> Services:
        """The services of the slice."""
        return self._lease.services

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def map(self, jobs: Sequence[Job[T]]) -> list[T]:
        """The results of all jobs, in the order of the jobs; one alone is done by the caller's own thread.

        Raises:
            Exception: The first that a job raised, once those that had begun have ended.
        """
        if len(jobs) == 1:
            return [self._run(jobs[0])]
        numbered = [_numbered(number, job) for number, job in enumerate(jobs)]
        by_number = dict(self.as_ended(numbered))
        return [by_number[number] for number in range(len(jobs))]

    def as_ended(self, jobs: Iterable[Job[T]]) -> Iterator[T]:
        """The results in the order in which the jobs end; the next job is taken when a thread is free.

        Raises:
            Exception: The first that a job raised, once those that had begun have ended.
        """
        pending = iter(jobs)
        running = self._begun(list(islice(pending, MOST_AT_ONCE)), in_flight=0)
        errors: list[BaseException] = []
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            errors += [error for one in ended if (error := one.exception()) is not None]
            if not errors:
                following = list(islice(pending, len(ended)))
                running |= self._begun(following, in_flight=len(running))
            yield from [one.result() for one in ended if one.exception() is None]
        if errors:
            raise errors[0]

    def _begun(self, jobs: Sequence[Job[T]], *, in_flight: int) -> set[Future[T]]:
        while self._opened < in_flight + len(jobs):
            self._free.put(self._lease.open_client())
            self._opened += 1
        return {self._threads.submit(self._run, job) for job in jobs}

    def _run(self, job: Job[T]) -> T:
        client = self._free.get()
        try:
            return job(client)
        finally:
            self._free.put(client)


def _numbered(number: int, job: Job[T]) -> Job[tuple[int, T]]:
    return lambda client: (number, job(client))
