from __future__ import annotations

import netrc
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from tests.support.servers.scripted_portal import TOKEN, ScriptedPortal
from webapp.hubspot import auth
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import HubSpotError, WaitLonger

SECRETS = (TOKEN, "client-secret", "na1-refresh", "the-code", "at-fresh", "ana@example.com")


@pytest.fixture(autouse=True)
def _every_level() -> None:
    """Lines of all levels are captured, whatever an application of another test has configured."""
    structlog.reset_defaults()


def test_a_call_is_logged_with_what_support_asks_for(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(200, {"portalId": 1}, headers={"x-hubspot-correlation-id": "corr-1"})
    with capture_logs() as logs:
        client.account_details()
    (line,) = logs
    assert line.pop("ms") >= 0
    assert line == {
        "event": "hubspot_call",
        "log_level": "debug",
        "portal_id": 111222,
        "method": "GET",
        "path": "/account-info/2026-03/details",
        "status": 200,
        "correlation_id": "corr-1",
    }


def test_no_log_line_and_no_error_ever_holds_a_secret_or_a_person(
    portal: ScriptedPortal, client: HubSpotClient, make_client: Callable[..., HubSpotClient]
) -> None:
    app = auth.OAuthApp(portal.url, "2026-03", "client-id", "client-secret", "http://localhost/callback")
    unreachable = auth.OAuthApp("http://127.0.0.1:1", "v3", "client-id", "client-secret", "http://localhost")
    portal.will(200, {"results": []}).will(401).will(200, {}, cut="before").will(502).will(400, b"no")
    portal.will(200, {"results": []})
    portal.will(200, {"access_token": "at-fresh", "refresh_token": "na1-refresh", "expires_in": 1800})
    portal.will(400, {"status": "BAD_AUTH_CODE"}).will(200, {"active": True}).will(200, b"garbage")
    grants: list[auth.TokenGrant] = []
    steps: list[Callable[[], object]] = [
        lambda: client.batch_read("contacts", ["ana@example.com"], ["email"], "email"),
        client.account_details,
        lambda: client.archive("contacts", ["1"]),
        lambda: grants.append(auth.refresh(app, "na1-refresh")),
        lambda: auth.exchange_code(app, "the-code"),
        lambda: auth.introspect(app, "at-fresh"),
        lambda: auth.private_app_info(portal.url, TOKEN),
        lambda: auth.refresh(unreachable, "na1-refresh"),
        make_client(base_url="http://127.0.0.1:1").account_details,
    ]
    errors: list[str] = []
    with capture_logs() as logs:
        for step in steps:
            try:
                step()
            except (HubSpotError, WaitLonger) as error:
                errors.append(f"{error!r} {vars(error)} {error.__cause__!r}")
    everything = f"{logs} {errors} {grants}"
    assert len(logs) > len(steps)
    assert grants
    assert [secret for secret in SECRETS if secret in everything] == []


def test_a_netrc_file_does_not_replace_the_token(
    portal: ScriptedPortal, client: HubSpotClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login someone password else\n")
    file.chmod(0o600)
    assert netrc.netrc(file).authenticators("127.0.0.1")
    monkeypatch.setenv("NETRC", str(file))
    portal.will(200, {"portalId": 1})
    client.account_details()
    assert portal.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
