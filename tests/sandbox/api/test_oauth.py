"""Granting, refreshing, refusing, and what a token may do."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.api.portal_requests import authorization_code
from tests.support.servers.sandbox_server import CLIENT_ID, CLIENT_SECRET, SandboxServer

CALLBACK = "http://localhost:1/cb"
REQUEST = {"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "scope": "oauth", "state": "s t"}


def token(portal: SandboxServer, path: str = "/oauth/2026-03/token", **fields: Any) -> requests.Response:
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": CALLBACK, **fields}
    return portal.api("POST", path, data=form)


def connect(portal: SandboxServer, scope: str = "oauth crm.objects.contacts.read") -> dict[str, Any]:
    found: dict[str, Any] = token(
        portal, grant_type="authorization_code", code=authorization_code(portal, scope)
    ).json()
    return found


@pytest.mark.parametrize(
    ("decision", "key", "value"), [("grant", "code", None), ("refuse", "error", "access_denied")]
)
@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/111222/authorize"])
def test_the_page_sends_the_person_back_with_the_state(
    portal: SandboxServer, path: str, decision: str, key: str, value: str | None
) -> None:
    page = portal.api("GET", path, params=REQUEST)
    assert "Grant access" in page.text
    back = portal.api("POST", path, data={**REQUEST, "decision": decision}, allow_redirects=False)
    answer = parse_qs(urlsplit(back.headers["Location"]).query)
    assert answer["state"] == ["s t"]
    assert value is None or answer[key] == [value]
    assert key in answer


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "x"},
        {"redirect_uri": "https://elsewhere.com/cb"},
        {"scope": "oauth nonsense"},
        {"scope": "crm.objects.contacts.read"},
    ],
)
def test_a_wrong_link_never_redirects(portal: SandboxServer, wrong: dict[str, str]) -> None:
    request = {**REQUEST, **wrong}
    for answer in (
        portal.api("GET", "/oauth/authorize", allow_redirects=False, params=request),
        portal.api("POST", "/oauth/authorize", allow_redirects=False, data=request),
    ):
        assert answer.status_code == 400
        assert "Authorization failed" in answer.text


def test_the_older_endpoint_answers_four_fields_and_the_newer_more(portal: SandboxServer) -> None:
    old = token(
        portal, "/oauth/v1/token", grant_type="authorization_code", code=authorization_code(portal)
    ).json()
    assert set(old) == {"token_type", "access_token", "refresh_token", "expires_in"}
    new = connect(portal)
    assert (new["hub_id"], new["scopes"]) == (111222, ["crm.objects.contacts.read", "oauth"])


def test_a_code_works_once(portal: SandboxServer) -> None:
    code = authorization_code(portal)
    assert token(portal, grant_type="authorization_code", code=code).status_code == 200
    again = token(portal, grant_type="authorization_code", code=code)
    assert (again.status_code, again.json()["status"]) == (400, "BAD_AUTH_CODE")


def test_a_code_of_another_redirect_or_portal_is_refused(portal: SandboxServer) -> None:
    code = authorization_code(portal)
    other = token(portal, grant_type="authorization_code", code=code, redirect_uri="http://localhost:1/x")
    assert other.json()["status"] == "BAD_REDIRECT_URI"
    code = authorization_code(portal)
    portal.settings(portal_id=999)
    assert token(portal, grant_type="authorization_code", code=code).json()["status"] == "BAD_HUB"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"grant_type": "x"}, "BAD_GRANT_TYPE"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
    ],
)
def test_errors_have_two_shapes(portal: SandboxServer, wrong: dict[str, str], status: str) -> None:
    fields = {"grant_type": "refresh_token", "refresh_token": connect(portal)["refresh_token"], **wrong}
    old = token(portal, "/oauth/v1/token", **fields)
    new = token(portal, "/oauth/v3/token", **fields)
    assert old.status_code == new.status_code == 400
    assert old.json()["status"] == new.json()["status"] == status
    assert "error" not in old.json()
    assert new.json()["error_description"] == new.json()["message"]


def test_a_token_past_its_life_is_refused_and_refreshed(portal: SandboxServer) -> None:
    portal.settings(access_token_life_s=0)
    tokens = connect(portal)
    refused = portal.api("GET", "/crm/v3/objects/contacts", token=tokens["access_token"])
    assert (refused.status_code, refused.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    portal.settings(access_token_life_s=1800)
    fresh = token(portal, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert fresh["refresh_token"] == tokens["refresh_token"]
    assert portal.api("GET", "/crm/v3/objects/contacts", token=fresh["access_token"]).status_code == 200


def test_by_switch_a_refresh_changes_the_refresh_token(portal: SandboxServer) -> None:
    portal.settings(rotate_refresh_tokens=True)
    old = connect(portal)["refresh_token"]
    new = token(portal, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
    assert new != old
    assert (
        token(portal, grant_type="refresh_token", refresh_token=old).json()["status"] == "BAD_REFRESH_TOKEN"
    )


def test_revoking_ends_the_refresh_token_but_not_the_access_token(portal: SandboxServer) -> None:
    tokens = connect(portal)
    revoked = token(portal, "/oauth/2026-03/token/revoke", token=tokens["refresh_token"])
    assert revoked.status_code == 200
    assert token(portal, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 400
    assert portal.api("GET", "/crm/v3/objects/contacts", token=tokens["access_token"]).status_code == 200


def test_a_missing_scope_is_named(portal: SandboxServer) -> None:
    access_token = connect(portal)["access_token"]
    refused = portal.api("GET", "/crm/v3/objects/companies", token=access_token)
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    scopes = refused.json()["errors"][0]["context"]["requiredGranularScopes"]
    assert scopes == ["crm.objects.companies.read"]


def test_a_scope_can_be_withheld_at_run_time(portal: SandboxServer) -> None:
    portal.settings(withheld_scopes=["crm.objects.contacts.write"])
    body = {"properties": {"email": "ana@firm.com"}}
    assert portal.api("POST", "/crm/v3/objects/contacts", json=body).status_code == 403
    assert portal.api("GET", "/crm/v3/objects/contacts").status_code == 200
    info = portal.api(
        "POST", "/oauth/v2/private-apps/get/access-token-info", json={"tokenKey": "pat-na1-sandbox-0000"}
    )
    assert "crm.objects.contacts.write" not in info.json()["scopes"]


def test_a_wrong_or_revoked_token_is_refused(portal: SandboxServer) -> None:
    assert portal.api("GET", "/crm/v3/owners", token="x").json()["category"] == "INVALID_AUTHENTICATION"
    portal.revoke_tokens()
    assert portal.api("GET", "/crm/v3/owners").status_code == 401
    portal.restore_tokens()
    assert portal.api("GET", "/crm/v3/owners").status_code == 200
