"""Starting and steering the sandbox portal from tests: a real process, spoken to over HTTP."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.support.clocks.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]
# Of the sample data, unless a test asks for another: no test sees which one ran before it.
_SEED = 7
_POLL_S = 0.05
TOKEN = "pat-na1-sandbox-0000"
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"


class SandboxServer:
    """One running portal.

    Options are those of `python -m sandbox` with underscores, e.g. `start(companies=5, rate_limit=100)`;
    lists repeat an option; `set={"search_delay_s": 0}` sets switches. Unlike the command, a test's portal
    has no burst limit and no search limit unless the test asks for them.
    """

    def __init__(self) -> None:
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self._http = requests.Session()
        self._http.trust_env = False

    def start(self, **options: Any) -> Self:
        """Start it on a free port and wait until it answers."""
        settings = {"rate_limit": "off", "search_limit": "off", **options}
        command = [sys.executable, "-m", "sandbox", "--port", "0", *_arguments(settings)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("sandbox listening on "):
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {line!r}")
        self.url = line.rsplit(" ", 1)[1].strip()
        return self

    def stop(self) -> None:
        """End the process; harmless when it has ended."""
        self._http.close()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change switches while it runs; answers with all of them."""
        return self._call("PUT", "/settings", changes)

    def fault(
        self,
        kind: str,
        *,
        method: str = "*",
        path: str = "*",
        sent: str = "",
        answered: str = "",
        **more: Any,
    ) -> None:
        """Queue a fault, e.g. `fault("status", status=502, path="/crm/objects/*", times=3, after=10)`."""
        match = {"method": method, "path": path, "sent": sent, "answered": answered}
        self._call("POST", "/faults", {"kind": kind, "match": match, **more})

    def faults(self) -> list[dict[str, Any]]:
        """The queued faults with how often each was `seen` and has `hits`."""
        found: list[dict[str, Any]] = self._call("GET", "/faults")["results"]
        return found

    def held(self) -> int:
        """How many answers a fault `hold` keeps at this moment."""
        held: int = self._call("GET", "/faults")["held"]
        return held

    def under_way(self) -> int:
        """How many calls that a fault strikes are still worked on, whether or not anybody waits for them."""
        under_way: int = self._call("GET", "/faults")["under_way"]
        return under_way

    def release(self) -> None:
        """Let the answers go that are held."""
        self._call("POST", "/faults/release")

    def clear_faults(self) -> None:
        """Forget every queued fault."""
        self._call("DELETE", "/faults")

    def counts(self) -> dict[str, Any]:
        """`calls`, `calls_by_route`, `writes`, `changes`, `throttled`, and how many records there are."""
        return self._call("GET", "/counts")

    def webhooks(self) -> dict[str, Any]:
        """What was delivered so far: `is_idle`, `waiting`, `delivered`, `attempts` and answers by status."""
        return self._call("GET", "/webhooks")

    def forget_webhooks(self) -> None:
        """Drop what waits to be delivered, and count from nothing."""
        self._call("DELETE", "/webhooks")

    def press_test_button(self) -> None:
        """Have HubSpot's fixed test notice sent."""
        self._call("POST", "/webhooks/test")

    def log(self) -> list[dict[str, Any]]:
        """The last 1,000 API calls: `at`, `method`, `path`, `status`, `took_ms`, `fault`."""
        found: list[dict[str, Any]] = self._call("GET", "/log")["results"]
        return found

    def reset(self, **sizes: int) -> dict[str, Any]:
        """Start over with new sample data: `companies`, `contacts`, `seed`. Faults and switches stay."""
        return self._call("POST", "/reset", sizes)

    def restore_defaults(self, **sizes: int) -> None:
        """Start over with default switches, no faults, the static token, and these sizes."""
        settings = {"rate_limit": None, "search_limit": None}
        self._call(
            "POST", "/renew", {"settings": settings, "companies": 0, "contacts": 0, "seed": _SEED, **sizes}
        )

    def take_savepoint(self) -> None:
        """Keep all objects as they are."""
        self._call("POST", "/savepoint")

    def roll_back(self) -> None:
        """Put all objects back as the savepoint holds them, without webhook events, as a restore does."""
        self._call("POST", "/rollback")

    def create(self, kind: str, properties: dict[str, Any], companies: Sequence[str] = ()) -> dict[str, Any]:
        """Make a record as a portal user would; the first company is the primary one."""
        return self._call(
            "POST", f"/objects/{kind}", {"properties": properties, "companies": list(companies)}
        )

    def update(
        self, kind: str, number: str, properties: dict[str, Any], companies: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Change a record as a portal user would; `companies` replaces a contact's associations."""
        body: dict[str, Any] = {"properties": properties}
        if companies is not None:
            body["companies"] = list(companies)
        return self._call("PATCH", f"/objects/{kind}/{number}", body)

    def skip_ids(self, kind: str, next_id: int) -> None:
        """Let the ids of new objects go on with this one."""
        self._call("PUT", f"/objects/{kind}/ids", {"next": next_id})

    def archive(self, kind: str, number: str) -> None:
        """Archive a record as a portal user would."""
        self._call("DELETE", f"/objects/{kind}/{number}")

    def restore(self, kind: str, number: str) -> None:
        """Bring an archived record back as a portal user would."""
        self._call("POST", f"/objects/{kind}/{number}/restoring")

    def erase(self, kind: str, number: str) -> None:
        """Erase a contact for good, as privacy law asks."""
        self._call("POST", f"/objects/{kind}/{number}/erasing")

    def get(self, kind: str, number: str) -> dict[str, Any]:
        """What the portal holds: `id`, `properties` (blank ones missing), `archived`, `associations`."""
        return self._call("GET", f"/objects/{kind}/{number}")

    def merge(self, kind: str, primary: str, other: str, *, new_id: bool = True) -> dict[str, Any]:
        """Merge two records as a portal user would; answers with the survivor."""
        return self._call(
            "POST", f"/objects/{kind}/merge", {"primary": primary, "other": other, "new_id": new_id}
        )

    def define(self, kind: str, name: str, **more: Any) -> dict[str, Any]:
        """Make a property as a portal user would: a text, unless told otherwise by HubSpot's own names."""
        group = "companyinformation" if kind == "companies" else "contactinformation"
        given = {"name": name, "label": name.capitalize(), "type": "string", "fieldType": "text"}
        answer = self.api("POST", f"/crm/v3/properties/{kind}", json={**given, "groupName": group, **more})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def redefine(self, kind: str, name: str, **changes: Any) -> dict[str, Any]:
        """Change a property's definition, whoever defines it."""
        return self._call("PATCH", f"/properties/{kind}/{name}", changes)

    def delete_property(self, kind: str, name: str) -> None:
        """Delete a property for good, with its values."""
        self._call("DELETE", f"/properties/{kind}/{name}")

    def revoke_tokens(self, *, static: bool = True, oauth: bool = True) -> None:
        """End tokens at once, as an uninstall does."""
        self._call("POST", "/tokens/revoke", {"static": static, "oauth": oauth})

    def restore_tokens(self) -> None:
        """Admit the static token again."""
        self._call("POST", "/tokens/restore")

    def api(self, method: str, path: str, *, token: str = TOKEN, **more: Any) -> requests.Response:
        """Call the HubSpot API of the portal."""
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return self._http.request(method, f"{self.url}{path}", headers=headers, timeout=PATIENCE_S, **more)

    def wait_until(self, question: Any, timeout_s: float = PATIENCE_S) -> None:
        """Poll until `question()` is true."""
        deadline = time.monotonic() + timeout_s
        while not question():
            if time.monotonic() > deadline:
                raise AssertionError("the portal did not get there in time")
            time.sleep(_POLL_S)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._http.request(method, f"{self.url}/sandbox{path}", json=body, timeout=PATIENCE_S)
        if not answer.ok:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        found: dict[str, Any] = answer.json()
        return found


def _arguments(options: dict[str, Any]) -> list[str]:
    arguments: list[str] = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, dict):
            values = [f"{key}={_switch(entry)}" for key, entry in value.items()]
        else:
            values = [str(entry) for entry in (value if isinstance(value, list | tuple) else [value])]
        for entry in values:
            arguments += [flag, entry]
    return arguments


def _switch(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, str) else value
