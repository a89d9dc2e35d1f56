"""Faults queued to happen to matching calls: counted or drawn from a seed, so that a test can repeat them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from random import Random
from threading import Condition
from typing import Annotated, Literal

import msgspec

from sandbox.calls.errors import ApiError, expired_token, no_credentials, too_many_calls
from sandbox.calls.oddities import Oddity

TEXTS = {
    402: "This account's subscription has expired.",
    421: "The account is not served by this data center.",
    423: "The resource is currently locked by another operation.",
    477: "This account is currently being migrated between data centers.",
    488: "This account has moved to another data center.",
    500: "internal error",
    502: "bad gateway",
    503: "service unavailable",
    504: "gateway timeout",
    521: "web server is down",
    523: "origin is unreachable",
}


class Match(msgspec.Struct, forbid_unknown_fields=True):
    """Which calls: a method, a path pattern in which `*` stands for anything, and texts that they hold."""

    method: str = "*"
    path: str = "*"
    sent: str = ""  # in the address or the body
    answered: str = ""  # in the answer that a read would be given

    def takes(self, parts: "CallParts") -> bool:
        """Whether a call is meant."""
        return (
            fnmatchcase(parts.method, self.method.upper())
            and fnmatchcase(parts.path, self.path)
            and (not self.sent or self.sent in parts.sent())
            and (not self.answered or self.answered in parts.answered())
        )


class CallParts(msgspec.Struct, frozen=True):
    """A call as faults see it: what it holds is looked up only where a fault asks for it."""

    method: str
    path: str
    sent: Callable[[], str]
    answered: Callable[[], str]


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What happens, to which calls, how often.

    `after` matching calls pass first; then it strikes each of the next with probability `rate` (drawn from
    `seed`), `times` times in all (None: for ever). `effect`: whether a status or a malformed body comes
    instead of the work or after it.
    """

    kind: Literal["status", "latency", "cut_before", "cut_after", "malformed", "odd", "part", "hold"]
    match: Match = msgspec.field(default_factory=Match)
    status: int = 500
    style: Literal["own", "html", "none", "foreign"] = "own"  # in a status: whose text it comes with
    policy: Literal["burst", "daily", "search"] = "burst"
    reason: Literal["invalid", "expired"] = "expired"
    retry_after_s: int | None = None
    effect: Literal["before", "after"] = "before"
    latency_ms: float = 0
    body: Literal["truncated", "html", "empty"] = "truncated"
    oddity: Oddity = "number"
    text: str = ""  # of `part`: the inputs that hold it are struck
    category: str = ""  # of `part`: what is said of them; nothing at all where it is empty
    times: Annotated[int, msgspec.Meta(ge=0)] | None = 1
    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    seed: int = 1


class Queued:
    """A fault with its progress."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.struck = 0
        self._random = Random(fault.seed)

    def strikes(self) -> bool:
        """Count one matching call; True when the fault strikes it."""
        self.seen += 1
        fault = self.fault
        if self.seen <= fault.after or (fault.times is not None and self.struck >= fault.times):
            return False
        if self._random.random() >= fault.rate:
            return False
        self.struck += 1
        return True


LONGEST_HOLD_S = 60


class Faults:
    """All queued faults, the oldest first; how many answers are held, and how many struck calls under way."""

    def __init__(self) -> None:
        self.queued: list[Queued] = []
        self.held = 0
        self.under_way = 0
        self._released = Condition()
        self._releases = 0

    @contextmanager
    def at_work(self, fault: Fault | None) -> Iterator[None]:
        """Count a call that a fault strikes, while it is worked on: also when its client has gone."""
        if fault is None:
            yield
            return
        with self._released:
            self.under_way += 1
        try:
            yield
        finally:
            with self._released:
                self.under_way -= 1

    def hold(self) -> None:
        """Wait until the answers that are held are let go; nobody waits longer than a minute."""
        with self._released:
            self.held += 1
            before = self._releases
            self._released.wait_for(lambda: self._releases > before, LONGEST_HOLD_S)
            self.held -= 1

    def release(self) -> int:
        """Let every answer go that is held; how many there were."""
        with self._released:
            held = self.held
            self._releases += 1
            self._released.notify_all()
            return held

    def pick(self, parts: CallParts) -> Fault | None:
        """The fault for a call: the first that strikes; those behind it do not count the call."""
        struck = None
        for entry in self.queued:
            if struck is None and entry.fault.match.takes(parts) and entry.strikes():
                struck = entry.fault
        return struck


def status_error(fault: Fault, portal_id: int) -> ApiError:
    """The error answer of a `status` fault."""
    if fault.status == 429:  # noqa: PLR2004 - HTTP statuses are their own names
        found = too_many_calls(fault.policy, portal_id)
    elif fault.status == 401:  # noqa: PLR2004
        found = (
            expired_token(38, "2026-01-01T00:00:00.000Z") if fault.reason == "expired" else no_credentials()
        )
    else:
        found = ApiError(fault.status, TEXTS.get(fault.status, "There was a problem with the request."))
    wait_s = 1 if fault.status == 477 and fault.retry_after_s is None else fault.retry_after_s  # noqa: PLR2004
    if wait_s is not None:
        found.headers["Retry-After"] = str(wait_s)
    return found
