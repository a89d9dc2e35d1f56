from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal, scripted_portal
from webapp.hubspot import auth, scopes
from webapp.hubspot.errors import (
    AccountRefused,
    AuthorizationRefused,
    ConnectionTrouble,
    GatewayTrouble,
    InvalidToken,
)
from webapp.hubspot.http.tokens import StaticToken

GRANT = {"token_type": "bearer", "access_token": "at-1", "refresh_token": "na1-rt", "expires_in": 1800}


@pytest.fixture
def app(portal: ScriptedPortal) -> auth.OAuthApp:
    return auth.OAuthApp(portal.url, "2026-03", "client-id", "client-secret", "http://localhost/callback")


def test_the_authorize_page_is_asked_for_exactly_what_we_need() -> None:
    url = auth.authorize_url(
        "https://app.hubspot.com/",
        client_id="id",
        redirect_uri="http://localhost:8000/callback?x=1",
        scopes=["oauth", "crm.objects.contacts.read"],
        optional_scopes=["crm.schemas.contacts.read"],
        state="a b&c",
    )
    assert url.startswith("https://app.hubspot.com/oauth/authorize?")
    assert "scope=oauth%20crm.objects.contacts.read" in url
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["id"],
        "redirect_uri": ["http://localhost:8000/callback?x=1"],
        "scope": ["oauth crm.objects.contacts.read"],
        "optional_scope": ["crm.schemas.contacts.read"],
        "state": ["a b&c"],
    }


def test_a_code_is_exchanged_in_the_body_alone(portal: ScriptedPortal, app: auth.OAuthApp) -> None:
    portal.will(200, {**GRANT, "hub_id": 111222, "scopes": ["oauth"], "token_use": "access_token"})
    grant = auth.exchange_code(app, "the-code")
    assert (grant.access_token, grant.refresh_token, grant.expires_in_s) == ("at-1", "na1-rt", 1800)
    assert (grant.hub_id, grant.scopes) == (111222, ["oauth"])
    (request,) = portal.requests
    assert (request.path, request.query) == ("/oauth/2026-03/token", {})
    assert request.form == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": "http://localhost/callback",
        "client_id": "client-id",
        "client_secret": "client-secret",
    }
    assert "Authorization" not in request.headers


def test_an_old_answer_without_account_and_scopes_is_taken(
    portal: ScriptedPortal, app: auth.OAuthApp
) -> None:
    portal.will(200, GRANT)
    grant = auth.refresh(app, "na1-old")
    assert (grant.hub_id, grant.scopes) == (None, None)
    assert portal.requests[0].form["grant_type"] == "refresh_token"


@pytest.mark.parametrize("status", [302, 307, 308])
def test_no_answer_leads_the_apps_secret_elsewhere(
    portal: ScriptedPortal, app: auth.OAuthApp, status: int
) -> None:
    with scripted_portal() as elsewhere:
        elsewhere.will(200, GRANT)
        for there in (elsewhere.url, portal.url):
            portal.will(status, headers={"Location": f"{there}/token"})
            with pytest.raises(AccountRefused):
                auth.refresh(app, "na1-old")
        assert (len(portal.requests), elsewhere.requests) == (2, [])


@pytest.mark.parametrize(
    "body",
    [
        {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token", "correlationId": "u"},
        {
            "error": "invalid_grant",
            "error_description": "refresh token is invalid, expired or revoked",
            "status": "BAD_REFRESH_TOKEN",
            "message": "refresh token is invalid, expired or revoked",
        },
        {"status": "BAD_HUB", "message": "missing or unknown hub id"},
    ],
)
def test_a_dead_refresh_token_asks_for_reconnecting(
    portal: ScriptedPortal, app: auth.OAuthApp, body: dict[str, str]
) -> None:
    portal.will(400, body)
    with pytest.raises(InvalidToken, match=r"invalid|unknown"):
        auth.refresh(app, "na1-old")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": "BAD_AUTH_CODE", "message": "missing or unknown auth code"}, "BAD_AUTH_CODE"),
        ({"error": "invalid_client", "error_description": "missing or unknown client id"}, "invalid_client"),
    ],
)
def test_a_refused_code_says_why(
    portal: ScriptedPortal, app: auth.OAuthApp, body: dict[str, str], code: str
) -> None:
    portal.will(400, body)
    with pytest.raises(AuthorizationRefused, match="missing or unknown") as caught:
        auth.exchange_code(app, "used")
    assert caught.value.code == code


def test_trouble_on_the_way_may_pass(portal: ScriptedPortal, app: auth.OAuthApp) -> None:
    portal.will(502).will(200, GRANT, cut="before")
    with pytest.raises(GatewayTrouble) as first:
        auth.refresh(app, "na1-old")
    with pytest.raises(ConnectionTrouble) as second:
        auth.refresh(app, "na1-old")
    assert not first.value.may_have_taken_effect
    assert not second.value.may_have_taken_effect


def test_a_token_is_described(portal: ScriptedPortal, app: auth.OAuthApp) -> None:
    portal.will(200, {"active": True, "hub_id": 111222, "user_id": 9, "app_id": 3, "scopes": ["oauth"]})
    portal.will(200, {"active": False})
    assert auth.introspect(app, "at-1") == auth.TokenInfo(True, 111222, 9, 3, ("oauth",))
    assert not auth.introspect(app, "at-2").is_active
    form = portal.requests[0].form
    assert form["token"] == form["access_token"] == "at-1"


def test_a_private_app_s_token_is_described(portal: ScriptedPortal) -> None:
    portal.will(200, {"userId": 9, "hubId": 111222, "appId": 3, "scopes": ["crm.objects.contacts.read"]})
    info = auth.private_app_info(portal.url, "pat-na1-x")
    assert (info.portal_id, info.scopes) == (111222, ("crm.objects.contacts.read",))
    assert portal.requests[0].body == {"tokenKey": "pat-na1-x"}


def test_a_refresh_token_is_revoked(portal: ScriptedPortal, app: auth.OAuthApp) -> None:
    portal.will(200)
    auth.revoke(app, "na1-rt")
    assert portal.paths() == ["POST /oauth/2026-03/token/revoke"]


def test_missing_scopes_are_listed_in_order() -> None:
    assert scopes.missing(scopes.NEEDED) == ()
    granted = ["crm.objects.contacts.read", "crm.objects.companies.read"]
    assert scopes.missing(granted) == ("crm.objects.contacts.write", "crm.objects.companies.write")
    assert scopes.missing(granted, optional=True) == scopes.OPTIONAL


def test_tokens_do_not_show_when_printed() -> None:
    grant = auth.TokenGrant("at-secret", "rt-secret", 1800)
    app = auth.OAuthApp("https://x", "v3", "id", "cs-secret", "http://localhost")
    static = StaticToken("pat-secret")
    assert "secret" not in f"{grant!r} {grant} {app!r} {app} {static!r}"
