"""Rate limits of three kinds, as rolling windows, with their headers."""

import time
from collections import deque
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.calls.auth import Token
from sandbox.calls.errors import ApiError, too_many_calls
from sandbox.settings import Settings

BURST_WINDOW_S = 10.0
SEARCH_WINDOW_S = 1.0
UNLIMITED = 1_000_000  # what headers announce when nothing is enforced


class Limits:
    """Calls counted lately. The caller holds the portal's lock."""

    def __init__(self) -> None:
        self.bursts: dict[bool, deque[float]] = {True: deque(), False: deque()}
        self.searches: deque[float] = deque()
        self.day = ""
        self.used_today = 0
        self.throttled = 0

    def admit(self, settings: Settings, token: Token, *, is_search: bool) -> None:
        """Count a call, or refuse it.

        Raises:
            ApiError: 429 of the kind that is used up.
        """
        self._turn_day(settings)
        burst = self.bursts[token.is_oauth]
        if is_search:
            self._check("search", self.searches, settings.search_limit, SEARCH_WINDOW_S, settings)
        else:
            self._check("burst", burst, settings.rate_limit, BURST_WINDOW_S, settings)
        if (
            settings.daily_limit is not None
            and not token.is_oauth
            and self.used_today >= settings.daily_limit
        ):
            raise self._refusal("daily", settings, 3600)
        (self.searches if is_search else burst).append(time.monotonic())
        self.used_today += 1

    def headers(self, settings: Settings, token: Token, *, is_search: bool) -> dict[str, str]:
        """The limits in an answer's headers; none for searches."""
        if is_search or not settings.rate_headers:
            return {}
        largest = settings.rate_limit or UNLIMITED
        left = largest - len(self.bursts[token.is_oauth]) if settings.rate_limit else UNLIMITED
        found = {
            "X-HubSpot-RateLimit-Max": str(largest),
            "X-HubSpot-RateLimit-Remaining": str(max(0, left)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Secondly": str(max(1, largest // 10)),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(1, largest // 10)),
        }
        if not token.is_oauth and settings.daily_limit is not None:
            found["X-HubSpot-RateLimit-Daily"] = str(settings.daily_limit)
            found["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, settings.daily_limit - self.used_today))
        return found

    def _check(
        self, policy: str, window: deque[float], limit: int | None, length_s: float, settings: Settings
    ) -> None:
        now = time.monotonic()
        while window and window[0] <= now - length_s:
            window.popleft()
        if limit is None:
            window.clear()
        elif len(window) >= limit:
            raise self._refusal(policy, settings, window[0] + length_s - now)

    def _refusal(self, policy: str, settings: Settings, wait_s: float) -> ApiError:
        self.throttled += 1
        refusal = too_many_calls(policy, settings.portal_id)
        if settings.retry_after_on_429:
            refusal.headers["Retry-After"] = str(int(wait_s) + 1)
        return refusal

    def _turn_day(self, settings: Settings) -> None:
        today = datetime.now(UTC).astimezone(ZoneInfo(settings.time_zone)).date().isoformat()
        if today != self.day:
            self.day = today
            self.used_today = 0
