"""HubSpot's API as Twinbook uses it: one method per call, typed answers, typed errors.

Any method may raise what `http.Transport.send` does: `WaitLonger`, `LimiterUnavailable`, or a `HubSpotError`.
One client serves one thread at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from webapp.hubspot.calls.account import AccountCalls
from webapp.hubspot.calls.associations import AssociationCalls
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.hubspot.http.counting import CallCounter
from webapp.hubspot.http.limits import RateLimiter
from webapp.hubspot.http.paths import Version
from webapp.hubspot.http.tokens import TokenSource
from webapp.hubspot.http.transport import Transport


class HubSpotClient(ObjectCalls, AssociationCalls, AccountCalls):
    """One portal, as one worker sees it.

    Args:
        base_url: Scheme and host of the API.
        version: Which paths to use.
        tokens: Where the access token comes from.
        limiter: The portal's shared call budget.
        is_urgent: Whether calls may use the budget's reserve, as those of the `now` queue may.
        yields: Whether calls let others go first that wait for the budget, as reading ahead does.
        patience_s: Longest time that one call may sleep in all; a longer wait raises `WaitLonger`.
        before_write: The fence: called right before every write; what it raises stops the write.
        counter: Counts the calls; shared by the clients of one slice, else the client's own.
        is_stuck: Whether waiting has not helped so far, so that one object may be why HubSpot fails.
        sleep: Waits so many seconds.
        clock: The present time (UTC).
    """

    def __init__(
        self,
        base_url: str,
        version: Version,
        tokens: TokenSource,
        limiter: RateLimiter,
        *,
        is_urgent: bool = False,
        yields: bool = False,
        patience_s: float = 5.0,
        before_write: Callable[[], None] | None = None,
        counter: CallCounter | None = None,
        is_stuck: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        transport = Transport(
            base_url,
            tokens,
            limiter,
            is_urgent=is_urgent,
            yields=yields,
            patience_s=patience_s,
            before_write=before_write,
            counter=counter,
            sleep=sleep,
            clock=clock,
        )
        super().__init__(transport, version, is_stuck=is_stuck)

    @property
    def calls(self) -> int:
        """HTTP requests that its counter has counted so far."""
        return self._transport.counter.calls

    @property
    def throttled(self) -> int:
        """The calls among them that HubSpot refused with 429."""
        return self._transport.counter.throttled

    @property
    def request_s(self) -> float:
        """Seconds that the latest answer took, without the wait for the call budget."""
        return self._transport.request_s

    def calls_per_s(self) -> float:
        """How many calls a second the budget allows; see `http.limits.RateLimiter`."""
        return self._transport.calls_per_s()

    def server_time(self) -> datetime:
        """HubSpot's own clock, to the second, by the latest answer (UTC): what watermarks are made of."""
        return self._transport.server_time()

    def close(self) -> None:
        """Gives the kept connections back."""
        self._transport.close()
