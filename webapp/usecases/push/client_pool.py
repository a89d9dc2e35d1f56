"""Several calls to HubSpot in flight: threads of one slice, each with a client of its own."""

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.usecases.runs.slices import Lease

# At HubSpot's usual limit and latency two would do, and the shared limiter holds all of them back together;
# the ten batches of a page go in two rounds.
_SIZE = 5

Job = Callable[[HubSpotClient], None]


class ClientPool:
    """Threads that work off jobs; a client serves one of them at a time."""

    def __init__(self, lease: Lease, client: HubSpotClient) -> None:
        self.client = client
        self._lease = lease
        self._threads = ThreadPoolExecutor(max_workers=_SIZE)
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

    def do(self, jobs: Sequence[Job]) -> None:
        """Do all jobs, several at a time.

        Raises:
            Exception: The first that a job raised, once the others have come to their end.
        """
        while self._opened < min(len(jobs), _SIZE):
            self._free.put(self._lease.open_client())
            self._opened += 1
        futures = [self._threads.submit(self._do, job) for job in jobs]
        errors = [error for future in futures if (error := future.exception()) is not None]
        if errors:
            raise errors[0]

    def _do(self, job: Job) -> None:
        client = self._free.get()
        try:
            job(client)
        finally:
            self._free.put(client)
