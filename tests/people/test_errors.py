"""What people see when something goes wrong."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from tests.support.applications.app import application, make_settings
from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.pages.pages import PAGES
from webapp.errors import RefusedError
from webapp.models import User
from webapp.settings import Settings
from webapp.store.database.trouble import trouble_of

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def has_own_app() -> bool:
    """They add pages that fail."""
    return True


def failing(app: Flask, error: Exception) -> None:
    def fail() -> str:
        raise error

    app.add_url_rule("/probe", "probe", fail)


def test_a_missing_page_says_so(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    for address in ("/nothing-here", "/companies/99999", "/contacts/99999999999999999999"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert "Page not found" in answer.text


def test_an_error_under_htmx_is_shown_above_the_page_instead_of_being_swallowed(
    logged_in: LogIn, member: User
) -> None:
    answer = logged_in(member).get("/companies/99999", headers=HTMX)
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#notices"
    assert answer.headers["HX-Reswap"] == "innerHTML"
    assert answer.headers["HX-Reselect"] == "unset", "of a part that the page chooses it would be nothing"
    assert 'role="alert"' in answer.text
    assert not read_page(answer.text).has("html")


def test_a_form_that_is_too_large_is_refused_in_words(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    answer = client.post("/companies", data={"description": "x" * 2_000})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_the_wrong_method_names_the_right_ones(logged_in: LogIn, member: User) -> None:
    answer = logged_in(member).delete("/companies")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_refusal_is_shown_with_its_words(app: Flask, logged_in: LogIn, member: User) -> None:
    failing(app, RefusedError("busy", kind="pull", run_id=7))
    answer = logged_in(member).get("/probe")
    assert answer.status_code == 409
    assert "Another pull works or waits, run 7. Press again when it has ended." in answer.text


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (sqlite3.OperationalError("database is locked"), "The database is busy"),
        (sqlite3.OperationalError("database or disk is full"), "The disk is full"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "cannot be written to"),
        (sqlite3.OperationalError("unable to open database file"), "The database does not answer"),
        (sqlite3.OperationalError("connection refused"), "The database does not answer"),
    ],
)
def test_trouble_with_the_database_is_named_and_may_be_tried_again(
    app: Flask, logged_in: LogIn, member: User, cause: Exception, text: str
) -> None:
    failing(app, OperationalError("INSERT", {}, cause))
    client = logged_in(member)
    page = client.get("/probe")
    assert page.status_code == 503
    assert text in page.text
    assert "Nothing was changed" in page.text
    assert page.headers["Retry-After"]
    assert text in client.get("/probe", headers=HTMX).text


@pytest.fixture
def away(app: Flask, logged_in: LogIn, member: User, settings: Settings) -> Iterator[FlaskClient]:
    """Somebody who has logged in, and whose database is gone since."""
    known = logged_in(member).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert known is not None
    with application(replace(settings, database_url="postgresql+psycopg://a@127.0.0.1:9/a")) as without:
        # As in real life: what fails while an error is answered is not to be seen as such.
        without.testing = False
        client = without.test_client()
        client.set_cookie(known.key, known.value)
        yield client


def test_where_the_database_is_gone_every_page_says_so_to_whoever_is_logged_in(away: FlaskClient) -> None:
    for address in (*PAGES, "/nothing-here"):
        for headers in ({}, HTMX):
            with capture_logs() as lines:
                answer = away.get(address, headers=headers)
            assert (answer.status_code, "does not answer" in answer.text) == (503, True), address
            assert [line["event"] for line in lines if line["log_level"] == "error"] == ["database_trouble"]
    assert away.post("/companies", data={"name": "A"}).status_code == 503


def test_and_probes_and_files_are_answered(away: FlaskClient) -> None:
    assert away.get("/healthz").json == {"status": "ok"}
    ready = away.get("/readyz")
    assert (ready.status_code, ready.json and ready.json["database"]) == (503, "down")
    assert away.get("/static/app.js").status_code == 200


def test_what_could_not_be_stored_is_on_the_page_to_be_sent_again(
    logged_in: LogIn, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

    client = logged_in(member)
    typed = {"name": 'Kaffee "Nord" & Söhne', "description": "First line\nsecond line"}
    monkeypatch.setattr("webapp.web.records.pages.ask", fail)
    failed = client.post("/companies?from=list", data=typed)
    monkeypatch.undo()
    assert (failed.status_code, "Nothing was changed" in failed.text) == (503, True)
    form = read_page(failed.text).one("form")
    assert (form.attributes["action"], form.form_values()) == ("/companies?from=list", typed)
    assert client.post("/companies?from=list", data=form.form_values()).status_code == 303


def test_a_secret_is_not_put_into_the_page_that_offers_to_send_again(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    def fail() -> str:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

    app.add_url_rule("/probe", "probe", fail, methods=["POST"])
    page = logged_in(member).post(
        "/probe",
        data={"name": "Ada", "new_password": "only I know"},
        headers={"Referer": "http://localhost/profile"},
    )
    assert "only I know" not in page.text
    assert read_page(page.text).one("a", class_="button").attributes["href"] == "/profile"


def test_a_full_disk_is_named_also_when_the_system_says_so(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    failing(app, OSError(errno.ENOSPC, "No space left on device"))
    assert "The disk is full" in logged_in(member).get("/probe").text


def test_a_queue_server_that_is_away_is_named(app: Flask, logged_in: LogIn, member: User) -> None:
    failing(app, RedisConnectionError("connection refused"))
    answer = logged_in(member).get("/probe")
    assert answer.status_code == 503
    assert "Redis" in answer.text


def test_a_queue_server_that_is_full_is_named_as_that(app: Flask, logged_in: LogIn, member: User) -> None:
    failing(app, OutOfMemoryError("command not allowed when used memory > 'maxmemory'."))
    answer = logged_in(member).get("/probe")
    assert answer.status_code == 503
    assert "answers and takes nothing" in answer.text
    assert "maxmemory" in answer.text


def test_a_surprise_gives_a_plain_page_and_keeps_its_details_to_the_log(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    failing(app, ValueError("secret detail"))
    client = logged_in(member)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get("/probe")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "secret detail" not in answer.text


def test_the_log_of_a_surprise_names_its_endpoint_and_not_its_address(
    caplog: pytest.LogCaptureFixture, app: Flask, logged_in: LogIn, member: User
) -> None:
    """An address may hold the token of a link, or a line that somebody wants to see in the log."""

    def fail(word: str) -> str:
        raise ValueError(len(word))

    app.add_url_rule("/probe/<word>", "probe", fail)
    client = logged_in(member)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with capture_logs() as logs:
        assert client.get("/probe/the-token%0Aand%20more?q=Eve").status_code == 500
    assert [line["endpoint"] for line in logs if line["event"] == "request_failed"] == ["probe"]
    logged = f"{logs} {caplog.text}"
    assert [word for word in ("the-token", "and more", "Eve") if word in logged] == []


def test_a_missing_table_is_a_mistake_and_no_passing_trouble() -> None:
    error = OperationalError("SELECT", {}, sqlite3.OperationalError("no such table: companies"))
    assert trouble_of(error) is None


def test_before_the_database_is_made_every_page_says_how_to_make_it(
    tmp_path: Path, redis_url: str, app: Flask, logged_in: LogIn, member: User
) -> None:
    known = logged_in(member).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert known is not None
    with application(make_settings(tmp_path, f"sqlite:///{tmp_path}/empty.db", redis_url=redis_url)) as empty:
        empty.testing = False
        client = empty.test_client()
        for address in ("/login", *PAGES, "/nothing-here"):
            with capture_logs() as lines:
                answer = client.get(address)
            assert answer.status_code == 503, address
            assert "flask --app webapp db upgrade" in answer.text, address
            assert [line["event"] for line in lines if line["log_level"] == "error"] == ["database_trouble"]
            client.set_cookie(known.key, known.value)


def test_where_a_newer_program_has_upgraded_the_database_a_page_that_fails_says_so(
    app: Flask, client: FlaskClient, logged_in: LogIn, member: User
) -> None:
    person = logged_in(member)
    app.testing = False
    _change(app, "UPDATE alembic_version SET version_num = '9999'")
    assert person.get("/companies").status_code == 200
    assert ready(client) == (200, "newer")
    _change(app, "ALTER TABLE companies RENAME TO firms")
    answer = person.get("/companies")
    assert answer.status_code == 503
    assert "A newer version of this program has upgraded the database" in answer.text
    _change(app, "ALTER TABLE connections RENAME TO portals")
    assert ready(client) == (503, "too_new")


def _change(app: Flask, statement: str) -> None:
    with app.app_context(), writing() as session:
        session.execute(text(statement))


def ready(client: FlaskClient) -> tuple[int, str]:
    answer = client.get("/readyz")
    return answer.status_code, (answer.json or {})["database"]


def test_what_was_typed_is_on_the_page_of_a_refusal_to_be_copied(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    def refuse() -> str:
        raise RefusedError("just_changed")

    app.add_url_rule("/companies/probe", "probe", refuse, methods=["POST"])
    client = logged_in(member)
    typed = {"name": "Kaffee <b>Nord</b>", "description": "First line\nsecond line", "status": "Lead"}
    answer = client.post("/companies/99", data={**typed, "version": "3"})
    page = read_page(answer.text)
    assert (answer.status_code, page.one("h1").shown_text) == (404, "This is not here any more")
    assert [one.shown_text for one in page.one("main").all("dd")] == [
        "Kaffee <b>Nord</b>",
        "First line second line",
        "Lead",
    ]
    assert page.one("main").leads_to("/companies/99"), "which says what became of it"
    assert read_page(client.post("/companies/probe", data=typed).text).has("section", aria_labelledby="typed")
    nothing = read_page(client.post("/companies/probe", data={"version": "3"}).text)
    assert not nothing.one("main").has("dd")


def test_after_a_surprise_what_was_typed_can_be_copied_but_is_not_sent_again_unseen(
    app: Flask, logged_in: LogIn, member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise ValueError

    client = logged_in(member)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("webapp.web.records.pages.ask", fail)
    answer = client.post("/contacts", data={"first_name": "Ada", "email": "ada@example.com"})
    page = read_page(answer.text)
    assert (answer.status_code, [one.shown_text for one in page.all("dd")]) == (
        500,
        ["Ada", "ada@example.com"],
    )
    assert not page.has("form")


@pytest.mark.parametrize(
    ("code", "title"), [(422, "This request could not be read"), (501, "Something went wrong here")]
)
def test_an_error_of_any_other_kind_has_a_page_of_ours(
    app: Flask, logged_in: LogIn, member: User, code: int, title: str
) -> None:
    def fail() -> str:
        abort(code)

    app.add_url_rule("/probe", "probe", fail)
    answer = logged_in(member).get("/probe")
    page = read_page(answer.text)
    assert (answer.status_code, page.one("h1").shown_text) == (code, title)
    assert page.has("a", href="/")


def test_what_is_pressed_after_somebody_else_was_faster_says_that_and_not_that_a_page_is_missing(
    logged_in: LogIn, member: User
) -> None:
    answer = logged_in(member).get("/held/item/77", headers=HTMX)
    assert answer.status_code == 404
    text = read_page(answer.text).one("div").shown_text
    assert text == (
        "This is not here any more. This has already been dealt with. "
        "Reload the page to see the current state."
    )


def test_who_is_refused_a_page_gets_back_to_the_one_before(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    for before, way in (
        ("http://localhost/companies?q=nord", "/companies?q=nord"),
        ("http://localhost/people", "/"),
        ("http://elsewhere.example/companies", "/"),
    ):
        answer = client.get("/people", headers={"Referer": before})
        links = read_page(answer.text).one("div", class_="problem").all("a", class_="button")
        assert (answer.status_code, [one["href"] for one in links]) == (403, [way])
