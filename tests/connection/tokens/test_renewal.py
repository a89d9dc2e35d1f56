from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from tests.support.applications.app import program_environment
from tests.support.applications.program import Program
from tests.support.applications.services import current_services, writing
from tests.support.applications.worker_process import wait_until
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.servers.redis_server import absent_redis
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.connecting import PAGE, calls, change_row, expire, grant, page_text, paste, rows
from webapp.errors import RefusedError, WaitLongerError, problem
from webapp.hubspot.errors import InvalidToken
from webapp.models import Mail, User
from webapp.settings import Settings
from webapp.store.connection import connections
from webapp.store.connection.connections import SealedTokens
from webapp.usecases.connection import portal
from webapp.usecases.connection.tokens import OAuthTokens
from webapp.usecases.runs import resume_by_person

pytestmark = pytest.mark.one_database

_ASK = """
from webapp.app import create_app, services_of
from webapp.usecases.connection import portal
print(portal.open_client(services_of(create_app()), {connection_id}).account_details().portal_id)
"""


def ask_portal(app: Flask) -> int:
    """One call through a client of its own, as a worker makes it."""
    with app.app_context(), closing(portal.open_client(current_services(), rows(app)[0].id)) as client:
        return client.account_details().portal_id


def sealed(app: Flask) -> tuple[bytes | None, bytes | None]:
    [row] = rows(app)
    return row.access_token, row.refresh_token


def test_a_token_near_its_end_is_renewed_before_it_is_used(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.settings(rotate_refresh_tokens=True)
    grant(ada, sandbox)
    expire(app)
    before = sealed(app)
    assert ask_portal(app) == 111222
    assert not set(before) & set(sealed(app))
    renewed_until = rows(app)[0].token_expires_at
    assert renewed_until is not None
    assert renewed_until > datetime.now(UTC)
    assert [entry["status"] for entry in sandbox.log()].count(401) == 0
    assert ask_portal(app) == 111222
    assert calls(sandbox, "/token") == 2


def test_a_token_that_hubspot_ended_early_is_renewed_once_and_the_call_repeated(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    grant(ada, sandbox)
    sandbox.fault("status", status=401, path="/account-info/*", times=1)
    assert ask_portal(app) == 111222
    assert calls(sandbox, "/token") == 2


@pytest.mark.every_database
def test_two_processes_that_need_a_new_token_renew_it_once(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, settings: Settings, tmp_path: Path
) -> None:
    sandbox.settings(rotate_refresh_tokens=True)
    grant(ada, sandbox)
    expire(app)
    sandbox.settings(latency_ms=700)
    script = tmp_path / "ask.py"
    script.write_text(_ASK.format(connection_id=rows(app)[0].id))
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    programs = [
        Program([str(script)], environment=program_environment(settings), folder=tmp_path, log=log)
        for log in logs
    ]
    wait_until(lambda: all(program.has_ended() for program in programs), "both have asked")
    for log in logs:
        assert "111222" in log.read_text().splitlines()
    assert calls(sandbox, "/token") == 2
    assert rows(app)[0].state == "connected"


@pytest.mark.every_database
def test_many_threads_that_need_a_new_token_renew_it_once(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    grant(ada, sandbox)
    expire(app)
    start = Barrier(6)

    def work() -> int:
        start.wait()
        return ask_portal(app)

    with ThreadPoolExecutor(6) as pool:
        answers = [future.result() for future in [pool.submit(work) for _ in range(6)]]
    assert answers == [111222] * 6
    assert calls(sandbox, "/token") == 2


@pytest.mark.every_database
def test_without_redis_several_renew_at_once_and_all_end_with_the_stored_token(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    sandbox.settings(rotate_refresh_tokens=True)
    grant(ada, sandbox)
    expire(app)
    start = Barrier(4)

    def work() -> str | None:
        with app.app_context():
            services = current_services()
            source = OAuthTokens(
                replace(services, redis=absent_redis()), rows(app)[0].id, portal.oauth_app(services.settings)
            )
            start.wait()
            try:
                return source.access_token()
            except InvalidToken:
                # The portal took the used-up refresh token of the slower one; its next try reads again.
                return source.access_token()

    with ThreadPoolExecutor(4) as pool:
        answers = {future.result() for future in [pool.submit(work) for _ in range(4)]}
    assert len(answers) == 1
    assert rows(app)[0].state == "connected"
    assert ask_portal(app) == 111222


def test_a_renewal_that_takes_long_lets_the_others_come_back_later(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.usecases.connection.tokens.PATIENCE_S", 0.05)
    grant(ada, sandbox)
    expire(app)
    with Redis.from_url(redis_url) as redis:
        redis.set(f"twinbook:token:{rows(app)[0].id}", "somebody")
        with pytest.raises(WaitLongerError, match="token_renewal"):
            ask_portal(app)


def test_a_dead_refresh_token_switches_pull_off_and_reconnecting_switches_it_on(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    grant(ada, sandbox)
    expire(app)
    sandbox.revoke_tokens()
    with pytest.raises(InvalidToken):
        ask_portal(app)
    [row] = rows(app)
    assert (row.state, row.error) == ("failing", "reconnect")
    page = ada.get(PAGE)
    assert "Pull and Push are switched off, because the access stopped working." in page_text(page)
    assert "Connect again: everything already synced stays linked." in page_text(page)
    disabled = read_page(page.text).one("button", aria_describedby="pull-text", disabled=True)
    assert disabled.shown_text == "Pull"
    assert "Not working" in page_text(ada.get("/integrations"))
    grant(ada, sandbox)
    assert rows(app)[0].state == "connected"
    assert "switched off" not in page_text(ada.get(PAGE)).lower()


def test_a_revoked_token_is_found_by_the_test_and_mends_without_a_restart(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    sandbox.revoke_tokens()
    page = ada.post(f"{PAGE}/test", follow_redirects=True)
    assert "HubSpot no longer accepts the stored access." in page_text(page)
    assert rows(app)[0].state == "failing"
    sandbox.restore_tokens()
    page = ada.post(f"{PAGE}/test", follow_redirects=True)
    assert "The connection works." in page_text(page)
    assert rows(app)[0].state == "connected"


def test_a_lost_access_is_said_once_on_its_page_and_beside_the_red_button_of_a_record(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    with app.app_context():
        number = make_company(name="Nord").id
    sandbox.revoke_tokens()
    ada.post(f"{PAGE}/test", follow_redirects=True)
    for page in (ada.get(PAGE), paste(ada, "pat-na1-wrong")):
        assert page_text(page).count("HubSpot no longer accepts the stored access.") == 1
    button = read_page(ada.get(f"/companies/{number}").text).one("section", id="push")
    assert "HubSpot does not accept the stored access any more. Open the connection" in button.shown_text


def test_a_scope_taken_away_later_is_found_by_the_test(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    sandbox.settings(withheld_scopes=["crm.objects.companies.read"])
    page = page_text(ada.post(f"{PAGE}/test", follow_redirects=True))
    assert "lacks what a sync needs: crm.objects.companies.read" in page
    assert rows(app)[0].trouble == "missing_scopes"


def test_an_access_that_leads_to_another_portal_is_not_used(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    sandbox.settings(portal_id=222333)
    page = page_text(ada.post(f"{PAGE}/test", follow_redirects=True))
    assert "The access now leads to portal 222333, not to 111222." in page
    assert rows(app)[0].error == "other_portal"


def test_an_access_that_is_renewed_for_another_portal_stops_a_run_before_it_reads_anything(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer, administrator: User
) -> None:
    grant(ada, sandbox)
    sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    before = sealed(app)
    with app.app_context():
        run_id = pulling.begun(rows(app)[0].id)
        expire(app)
        sandbox.settings(renews_for=222333)
        run = pulling.worked_off(run_id)
        assert (run.state, run.error) == ("failed", "reconnect")
        assert not pulling.companies()
        assert [mail.recipient for mail in pulling.all_rows(Mail)] == [administrator.email]
    assert (rows(app)[0].state, rows(app)[0].error) == ("failing", "other_portal")
    assert sealed(app) == before
    pages = [ada.get(PAGE), ada.get(f"/sync-log/{run_id}")]
    for page in (*pages, ada.post(f"{PAGE}/test", follow_redirects=True)):
        assert "The access now leads to portal 222333, not to 111222." in page_text(page)
    sandbox.settings(renews_for=None)
    assert "The connection works." in page_text(ada.post(f"{PAGE}/test", follow_redirects=True))
    with app.app_context():
        resume_by_person.go_on(current_services(), run_id)
        assert pulling.worked_off(run_id).state == "finished"
        assert len(pulling.companies()) == 1


def test_trouble_that_may_pass_leaves_the_connection_as_it_was(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    paste(ada)
    sandbox.fault("status", status=502, path="/account-info/*", times=None)
    page = page_text(ada.post(f"{PAGE}/test", follow_redirects=True))
    assert "HubSpot is overloaded or down just now." in page
    assert rows(app)[0].state == "connected"


def test_a_token_sealed_with_a_lost_key_is_told_and_not_fatal(ada: FlaskClient, app: Flask) -> None:
    paste(ada)
    change_row(app, access_token=b"sealed with another key")
    with pytest.raises(RefusedError, match=r"^unreadable_token$"):
        ask_portal(app)
    assert "Put the former key back, or connect again." in page_text(ada.get(PAGE))
    paste(ada)
    assert ask_portal(app) == 111222


@pytest.mark.every_database
def test_a_renewal_that_was_overtaken_by_a_new_connection_changes_nothing(
    ada: FlaskClient, app: Flask, sandbox: SandboxServer
) -> None:
    grant(ada, sandbox)
    [row] = rows(app)
    late = SealedTokens(b"late access", b"late refresh", datetime.now(UTC))
    paste(ada)
    with app.app_context(), writing() as session:
        used = row.refresh_token or b""
        assert not connections.renew_tokens(session, row.id, late, instead_of=used, now=datetime.now(UTC))
    assert ask_portal(app) == 111222
    ada.post(f"{PAGE}/disconnection")
    with app.app_context(), writing() as session:
        assert not connections.mark_healthy(session, row.id, now=datetime.now(UTC))
        assert not connections.mark_failing(session, row.id, problem("reconnect"))
    assert rows(app)[0].state == "disconnected"
