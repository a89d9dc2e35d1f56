"""Delivers webhook events: up to a hundred in a list, ten requests at once, repeated until they are taken.

Its thread sleeps while nobody listens or nothing happens.
"""

import json
import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any, NamedTuple

import requests

from sandbox.clock import now_iso
from sandbox.settings import Settings
from sandbox.store.portal import Portal
from sandbox.webhooks import signing

MOST_ATTEMPTS = 10
_MOST_AT_ONCE = 10
_TIMEOUT_S = 5.0
_LOOK_EVERY_S = 0.05
_SENDER = "HubSpot Connect 2.0 (http://dev.hubspot.com/) (namespace: webhooks-nio-http-client)"

_REMEMBERED = 200

Batch = list[dict[str, Any]]


class Delivery(NamedTuple):
    """A try to deliver: when (UTC), how many events of what kinds, its number, and the answer."""

    at: str
    events: int
    kinds: str
    attempt: int
    answer: str


class Deliveries:
    """The portal's deliveries to its app."""

    def __init__(self, portal: Portal, secret: str) -> None:
        self.counts: Counter[str] = Counter()
        self.latest: deque[Delivery] = deque(maxlen=_REMEMBERED)
        self._portal, self._secret = portal, secret
        self._chance = Random(portal.settings.webhook_seed)
        self._lock = threading.Lock()
        self._in_flight = 0
        self._again: list[tuple[float, Batch]] = []
        self._threads = ThreadPoolExecutor(max_workers=_MOST_AT_ONCE)
        self._http = threading.local()
        threading.Thread(target=self._deliver, daemon=True).start()

    def state(self) -> dict[str, Any]:
        """What was delivered so far, and whether everything was."""
        with self._portal.lock, self._lock:
            pending = len(self._portal.events.pending) + sum(len(events) for _, events in self._again)
            return {"is_idle": pending == 0 and self._in_flight == 0, "waiting": pending, **self.counts}

    def forget(self) -> None:
        """Drop what waits, and count from nothing."""
        with self._portal.lock, self._lock:
            self._portal.events.pending.clear()
            self._again.clear()
            self.counts.clear()
            self.latest.clear()

    def _deliver(self) -> None:
        news = self._portal.events.news
        while True:
            if not self._again:
                news.wait()
            news.clear()
            while self._send_due():
                time.sleep(_LOOK_EVERY_S)

    def _send_due(self) -> bool:
        """Send what is due. False when nothing waits."""
        settings = self._portal.settings
        for events in self._due(settings):
            self._threads.submit(self._send, events, settings)
        with self._portal.lock, self._lock:
            return bool(self._portal.events.pending or self._again)

    def _due(self, settings: Settings) -> list[Batch]:
        """The lists that are to be sent now, as the switches have them."""
        now_s = time.monotonic()
        with self._portal.lock, self._lock:
            pending = self._portal.events.pending
            fresh: Batch = []
            while pending and pending[0].at_s + settings.webhook_delay_s <= now_s:
                fresh.append(pending.popleft().event)
            lists = [events for due_s, events in self._again if due_s <= now_s]
            self._again = [one for one in self._again if one[0] > now_s]
            delivered = self._troubled(fresh, settings)
            size = settings.webhook_batch_size
            lists += [delivered[start : start + size] for start in range(0, len(delivered), size)]
            self._in_flight += len(lists)
        return lists

    def _troubled(self, fresh: Batch, settings: Settings) -> Batch:
        """Some are lost, some come twice, and their order is chance, by the switches."""
        delivered = [one for one in fresh if self._chance.random() >= settings.webhook_loss]
        self.counts["lost"] += len(fresh) - len(delivered)
        delivered += [one for one in delivered if self._chance.random() < settings.webhook_duplicates]
        if settings.webhook_shuffle:
            self._chance.shuffle(delivered)
        return delivered

    def _send(self, events: Batch, settings: Settings) -> None:
        status = self._posted(events, settings)
        kinds = ", ".join(sorted({str(one["subscriptionType"]) for one in events}))
        attempt = int(events[0]["attemptNumber"]) + 1
        with self._lock:
            self.latest.append(Delivery(now_iso(), len(events), kinds, attempt, status))
            self._in_flight -= 1
            self.counts["attempts"] += 1
            self.counts[f"answered {status}"] += 1
            if status.startswith("2"):
                self.counts["delivered"] += len(events)
            elif events[0]["attemptNumber"] + 1 >= MOST_ATTEMPTS:
                self.counts["given_up"] += len(events)
            else:
                self._again.append((time.monotonic() + self._pause_s(events, settings), _again(events)))
        self._portal.events.news.set()

    def _posted(self, events: Batch, settings: Settings) -> str:
        """Post a list; the status, or the kind of trouble."""
        url, body = str(settings.webhook_url), json.dumps(events, ensure_ascii=False).encode()
        signed = signing.headers(
            self._secret, url, body, int(time.time() * 1000), settings.webhook_signatures
        )
        plain = {"Content-Type": "application/json", "User-Agent": _SENDER}
        try:
            answer = self._session().post(url, data=body, headers=plain | signed, timeout=_TIMEOUT_S)
        except requests.RequestException as error:
            return type(error).__name__
        return str(answer.status_code)

    def _session(self) -> requests.Session:
        if not hasattr(self._http, "session"):
            self._http.session = requests.Session()
            self._http.session.trust_env = False
        session: requests.Session = self._http.session
        return session

    def _pause_s(self, events: Batch, settings: Settings) -> float:
        attempts: int = events[0]["attemptNumber"]
        return settings.webhook_retry_s * 2.0**attempts * (0.5 + self._chance.random())


def _again(events: Batch) -> Batch:
    return [{**one, "attemptNumber": one["attemptNumber"] + 1} for one in events]
