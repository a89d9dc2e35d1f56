"""Somebody who works without a pause: opens pages, adds companies, pushes them."""

from __future__ import annotations

import time
from threading import Event, Thread

import requests

from tests.support.clocks.patience import PATIENCE_S
from tests.support.pages.page import Element, read_page

_PAGES = ("/", "/companies", "/contacts?q=an", "/sync-log", "/held", "/integrations/hubspot")
_LOOKS_S, _LOOKS_TIMES = 0.2, 5
_LOG_IN = "/login"
_FOUND = requests.codes.see_other
# Some pages lead on to the one that suits.
_SHOWN = (requests.codes.ok, requests.codes.found, _FOUND)


class AtWork(Thread):
    """A person in a thread, until they are sent home.

    Args:
        name: With which the names of what they add begin.
        email: Of their account.
        password: Of that account.
        url: Of the web.

    Attributes:
        requests_made: How many requests they have made.
        failed: What was not answered as it should be.
        added: The names of the companies that they added.
        pushed: Those of them that they pushed, too.
    """

    def __init__(self, name: str, email: str, password: str, url: str) -> None:
        super().__init__(daemon=True)
        self.requests_made = 0
        self.failed: list[str] = []
        self.added: list[str] = []
        self.pushed: list[str] = []
        self._account = {"email": email, "password": password}
        self._name = name
        self._url = self._next_url = url
        self._session = requests.Session()
        self._is_over = Event()

    def run(self) -> None:
        """Work."""
        try:
            self._log_in()
            while not self._is_over.is_set():
                self._url = self._next_url
                for path in _PAGES:
                    began_s = time.monotonic()
                    self._page(path)
                    # On a busy machine they are no more of a burden than on a quiet one.
                    time.sleep(_LOOKS_S + _LOOKS_TIMES * (time.monotonic() - began_s))
                self._add_and_push()
        except Exception as error:  # noqa: BLE001 - whoever waits for them says what it was
            self.failed.append(f"{self.requests_made}: {error!r}")

    def move_to(self, url: str) -> None:
        """Work with another web from the next round on."""
        self._next_url = url

    def go_home(self) -> None:
        """Let them end what they have begun."""
        self._is_over.set()
        self.join(PATIENCE_S)
        assert not self.is_alive()

    def has_pushed(self, number: int) -> bool:
        """Whether they have pushed so many; asking ends at once where they have given up."""
        assert self.is_alive(), self.failed
        return len(self.pushed) >= number

    def _log_in(self) -> None:
        page = self._page(_LOG_IN)
        form = page.one("form", action=_LOG_IN)
        self._send(_LOG_IN, form.form_values() | self._account)

    def _add_and_push(self) -> None:
        page = self._page("/companies/new")
        form = next(one for one in page.all("form") if one.has("input", name="name"))
        name = f"{self._name} Works {len(self.added):04}"
        record = self._send("/companies", form.form_values() | {"name": name})
        if record:
            self.added.append(name)
            token = self._page(record).all("input", name="csrf_token")[0]["value"]
            if self._send(f"{record.partition('?')[0].partition('#')[0]}/push", {"csrf_token": token}):
                self.pushed.append(name)

    def _page(self, path: str) -> Element:
        answer = self._ask("GET", path)
        if _LOG_IN in answer.headers.get("Location", ""):
            self._log_in()
            answer = self._ask("GET", path)
        if answer.status_code not in _SHOWN:
            self.failed.append(f"GET {path}: {answer.status_code}")
        return read_page(answer.text if answer.status_code == requests.codes.ok else "")

    def _send(self, path: str, values: dict[str, str]) -> str:
        answer = self._ask("POST", path, values)
        if answer.status_code != _FOUND or (path != _LOG_IN and _LOG_IN in answer.headers["Location"]):
            self.failed.append(f"POST {path}: {answer.status_code} {answer.text[-300:]}")
            return ""
        return answer.headers["Location"]

    def _ask(self, method: str, path: str, values: dict[str, str] | None = None) -> requests.Response:
        self.requests_made += 1
        return self._session.request(
            method, f"{self._url}{path}", data=values, timeout=PATIENCE_S, allow_redirects=False
        )
