from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import change_services
from tests.support.pages.page import read_page
from tests.support.servers.redis_server import absent_redis
from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from tests.support.usecases.connecting import PAGE, change_settings, page_text, paste, rows

pytestmark = pytest.mark.one_database


def test_a_working_token_connects_its_portal_and_shows_what_it_may_do(ada: FlaskClient, app: Flask) -> None:
    page = paste(ada)
    assert "Portal 111222 is connected." in page_text(page)
    page = ada.get(PAGE)
    assert "HubSpot Connected Portal 111222" in page_text(page)
    assert "crm.objects.contacts.read Pull contacts Granted" in page_text(page)
    assert (
        "crm.schemas.companies.write Make the property that marks our companies (optional) Granted"
        in page_text(page)
    )
    assert "Missing" not in page_text(page)
    [row] = rows(app)
    assert (row.portal_id, row.kind, row.state) == ("111222", "token", "connected")
    assert row.access_token is not None
    assert TOKEN.encode() not in row.access_token


def test_the_page_says_what_is_left_of_the_daily_quota(ada: FlaskClient) -> None:
    paste(ada)
    ada.post(f"{PAGE}/test")
    assert "Daily quota 624,99" in page_text(ada.get(PAGE))
    assert "of 625,000 left" in page_text(ada.get(PAGE))


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("", "Paste an access token."),
        ("   ", "Paste an access token."),
        ("pat na1", "does not look like an access token"),
        ("pat-na1-\nX-Evil: 1", "does not look like an access token"),
        ("pat-naïve", "does not look like an access token"),
        ("x" * 2001, "does not look like an access token"),
        ("pat-na1-wrong", "HubSpot does not accept this token"),
    ],
)
def test_a_token_that_cannot_work_is_refused_beside_its_field(
    ada: FlaskClient, app: Flask, token: str, text: str
) -> None:
    page = paste(ada, token)
    assert page.status_code == 422
    assert text in page_text(page)
    assert rows(app) == []


def test_white_space_around_a_token_is_forgiven(ada: FlaskClient) -> None:
    assert "Portal 111222 is connected." in page_text(paste(ada, f"  {TOKEN}\n"))


def test_missing_scopes_are_named_and_nothing_is_stored(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.settings(withheld_scopes=["crm.objects.contacts.write", "crm.objects.owners.read"])
    page = page_text(paste(ada))
    assert "lacks what a sync needs: crm.objects.contacts.write. Add it to the app at HubSpot" in page
    assert rows(app) == []


def test_a_missing_optional_scope_is_only_shown(ada: FlaskClient, sandbox: SandboxServer) -> None:
    sandbox.settings(withheld_scopes=["crm.objects.owners.read"])
    assert "Portal 111222 is connected." in page_text(paste(ada))
    page = page_text(ada.get(PAGE))
    assert "crm.objects.owners.read Name the owners of records (optional) Missing" in page


def test_a_service_key_of_which_hubspot_tells_nothing_is_tried_by_reading(
    ada: FlaskClient, sandbox: SandboxServer
) -> None:
    sandbox.fault("status", status=404, path="/oauth/v2/private-apps/*", times=None)
    paste(ada)
    page = page_text(ada.get(PAGE))
    assert "crm.objects.contacts.read Pull contacts Granted" in page
    assert "crm.objects.contacts.write Push contacts Unknown" in page


def test_a_service_key_that_may_not_read_contacts_is_refused(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.fault("status", status=404, path="/oauth/v2/private-apps/*", times=None)
    sandbox.settings(withheld_scopes=["crm.objects.contacts.read"])
    assert "lacks what a sync needs: crm.objects.contacts.read" in page_text(paste(ada))
    assert rows(app) == []


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ({"kind": "status", "status": 502}, "HubSpot is overloaded or down just now. Try again"),
        ({"kind": "status", "status": 429, "policy": "daily"}, "calls for today are used up"),
        ({"kind": "status", "status": 429, "policy": "burst"}, "accepts no more calls for the moment"),
        ({"kind": "status", "status": 477, "retry_after_s": 3600}, "between data centres"),
        ({"kind": "malformed", "body": "html"}, "is not HubSpot. Check HUBSPOT_API_URL"),
        ({"kind": "malformed", "body": "truncated"}, "is not HubSpot. Check HUBSPOT_API_URL"),
        ({"kind": "cut_before"}, "was cut. Check this machine's network and HUBSPOT_API_URL"),
    ],
)
def test_trouble_at_hubspot_is_told_with_its_remedy_and_nothing_is_stored(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, fault: dict[str, object], text: str
) -> None:
    sandbox.fault(path="/account-info/*", times=None, **fault)  # type: ignore[arg-type]
    page = paste(ada)
    assert page.status_code == 422
    assert text in page_text(page)
    assert "Nothing was stored." in page_text(page)
    assert rows(app) == []


def test_a_portal_that_cannot_be_reached_is_told_apart(ada: FlaskClient, app: Flask) -> None:
    change_settings(app, hubspot_api_url="http://127.0.0.1:9")
    assert "No connection to 127.0.0.1:9. Check this machine's network" in page_text(paste(ada))
    assert rows(app) == []


def test_trouble_with_the_certificate_is_told_apart(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    change_settings(app, hubspot_api_url=sandbox.url.replace("http:", "https:"))
    assert "certificate of 127.0.0.1" in page_text(paste(ada))
    assert rows(app) == []


def test_an_api_version_that_is_not_there_is_told_apart(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.settings(api_versions=["v3"])
    assert "Check HUBSPOT_API_URL and HUBSPOT_API_VERSION" in page_text(paste(ada))
    assert rows(app) == []


def test_without_redis_connecting_is_refused_with_the_reason(ada: FlaskClient, app: Flask) -> None:
    change_services(app, redis=absent_redis())
    text = page_text(paste(ada))
    assert "The queue server (Redis), which shares out HubSpot's call budget, does not answer." in text
    assert rows(app) == []


def test_a_member_sees_the_page_but_cannot_connect(ada: FlaskClient, mem: FlaskClient, app: Flask) -> None:
    assert "An administrator can connect HubSpot here." in page_text(mem.get(PAGE))
    assert paste(mem).status_code == 403
    assert mem.post(f"{PAGE}/authorization").status_code == 403
    assert rows(app) == []
    paste(ada)
    page = mem.get(PAGE)
    assert "HubSpot Connected" in page_text(page)
    assert not read_page(page.text).one("main").has("form")
    for address in ("connection", "test", "disconnection"):
        assert mem.post(f"{PAGE}/{address}").status_code == 403
    assert rows(app)[0].state == "connected"
