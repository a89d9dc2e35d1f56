"""What was typed survives the end of a session: for who typed it, in the same browser, and for an hour."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.applications.services import current_services, reading
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.samples.users import PASSWORD
from webapp.models import Company, TypedForm, User
from webapp.usecases.people import clearing, sessions, typed_forms

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
TYPED = {"name": "Nordlicht <b>& Söhne</b>", "description": "First line\nsecond line", "city": "Kiel"}
PAGE = "http://localhost/companies/new"
HTMX = {"HX-Request": "true", "HX-Current-URL": PAGE}


def log_in(client: FlaskClient, user: User, **more: str) -> TestResponse:
    return client.post("/login", data={"email": user.email, "password": PASSWORD, **more})


def out(app: Flask, user: User) -> None:
    """End a person's sessions."""
    with app.app_context():
        sessions.end_all(current_services(), user.id)


def kept(app: Flask) -> list[TypedForm]:
    with app.app_context(), reading() as session:
        return list(session.scalars(select(TypedForm)))


def values_of_form(client: FlaskClient, path: str) -> dict[str, str]:
    """What the form of a record's page would send."""
    page = read_page(client.get(path).text)
    return page.one("form", class_="card").form_values()


def late(client: FlaskClient, page: str = PAGE, path: str = "/companies", **data: str) -> TestResponse:
    """A form that is sent when the session is over."""
    return client.post(path, data=data or TYPED, headers={"Referer": page})


def test_what_was_typed_is_in_the_form_again_after_the_log_in(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    out(app, member)
    answer = late(client)
    assert (answer.status_code, answer.location) == (303, "/login?next=/companies/new")
    page = client.get(answer.location)
    assert "What you typed is kept for an hour" in page.text
    back = log_in(client, member, next="/companies/new")
    assert back.location == "/companies/new"
    form = client.get(back.location)
    values = read_page(form.text).form_values()
    assert {name: values[name] for name in TYPED} == TYPED
    assert "nothing has been saved yet" in form.text
    assert client.post("/companies", data=values).status_code == 303
    with app.app_context(), reading() as session:
        assert session.scalars(select(Company.name)).all() == [TYPED["name"]]


@pytest.mark.every_database
def test_when_it_is_sent_at_last_it_is_forgotten(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    out(app, member)
    late(client)
    log_in(client, member)
    assert "Söhne" in client.get("/companies/new").text
    assert "Söhne" in client.get("/companies/new").text, "looking twice loses nothing"
    client.post("/companies", data=TYPED)
    assert "Söhne" not in client.get("/companies/new").text
    assert kept(app) == []


def test_an_edit_keeps_the_version_that_it_was_made_from(app: Flask, logged_in: LogIn, member: User) -> None:
    """So that what somebody else changed meanwhile is seen, as always."""
    with app.app_context():
        number = make_company(name="Before").id
    client = logged_in(member)
    path = f"/companies/{number}"
    values = values_of_form(client, f"{path}/edit")
    other = logged_in(member)
    other.post(path, data=values_of_form(other, f"{path}/edit") | {"name": "Meanwhile"})
    out(app, member)
    late(client, f"http://localhost{path}/edit", path, **(values | {"name": "Mine"}))
    log_in(client, member)
    again = values_of_form(client, f"{path}/edit")
    assert (again["version"], again["name"]) == (values["version"], "Mine")
    assert "somebody else changed this" in client.post(path, data=again).text


def test_somebody_else_does_not_get_it(
    app: Flask, logged_in: LogIn, member: User, administrator: User
) -> None:
    client = logged_in(member)
    out(app, member)
    late(client)
    log_in(client, administrator)
    assert "Söhne" not in client.get("/companies/new").text
    assert "Söhne" not in client.get("/typed").text


def test_the_same_person_in_another_browser_does_not_get_it(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    out(app, member)
    late(client)
    assert "Söhne" not in logged_in(member).get("/companies/new").text


def test_a_form_that_another_site_sends_is_not_kept(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    app.config["WTF_CSRF_ENABLED"] = True
    token = read_page(client.get("/companies/new").text).all("input", name="csrf_token")[0]["value"]
    out(app, member)
    forged = late(client)
    assert (forged.status_code, kept(app)) == (303, [])
    late(client, **TYPED, csrf_token=token)
    assert len(kept(app)) == 1


def test_what_comes_from_a_visitor_is_not_kept(app: Flask, client: FlaskClient) -> None:
    late(client)
    assert kept(app) == []


def test_a_form_that_was_open_in_another_tab_survives_the_log_out(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    app.config["WTF_CSRF_ENABLED"] = True
    token = read_page(client.get("/companies/new").text).all("input", name="csrf_token")[0]["value"]
    client.post("/logout", data={"csrf_token": token})
    late(client, **TYPED, csrf_token=token)
    app.config["WTF_CSRF_ENABLED"] = False
    log_in(client, member)
    assert "Söhne" in client.get("/companies/new").text


@pytest.mark.parametrize("hours", [2.5, 13])
def test_it_survives_also_a_session_that_was_left_alone(logged_in: LogIn, member: User, hours: float) -> None:
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        client = logged_in(member)
        clock.shift(hours * 3600)
        late(client)
        clock.shift(50 * 60)
        log_in(client, member)
        assert "Söhne" in client.get("/companies/new").text


@pytest.mark.every_database
def test_it_is_kept_for_an_hour(app: Flask, logged_in: LogIn, member: User) -> None:
    with time_machine.travel("2026-11-23 08:00:00+00:00", tick=False) as clock:
        client = logged_in(member)
        out(app, member)
        late(client)
        clock.shift(3601)
        log_in(client, member)
        assert "Söhne" not in client.get("/companies/new").text
        with app.app_context():
            clearing.clear_old(current_services())
    assert kept(app) == []


@pytest.mark.every_database
def test_of_one_person_three_forms_are_kept(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    out(app, member)
    for _ in range(5):
        late(client)
    assert len(kept(app)) == 3


def test_what_is_too_large_is_not_kept_and_the_page_says_so(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    out(app, member)
    answer = late(client, description="x" * typed_forms.LONGEST_BYTES)
    assert "too long to be kept" in client.get(answer.location).text
    assert kept(app) == []
    log_in(client, member)
    assert client.get("/companies/new").status_code == 200


def test_it_is_encrypted_and_holds_no_password(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    out(app, member)
    data = {"current_password": "my old secret", "new_password": "my new secret", "name": "Visible"}
    late(client, "http://localhost/profile", "/profile/password", **data)
    [row] = kept(app)
    assert b"Visible" not in row.fields
    with app.app_context():
        text = current_services().vault.open(row.fields)
    assert "Visible" in text
    assert "secret" not in text


def test_nothing_of_a_deactivated_person_is_kept(app: Flask, logged_in: LogIn, member: User) -> None:
    from webapp.usecases.people import accounts  # noqa: PLC0415

    client = logged_in(member)
    with app.app_context():
        accounts.deactivate(current_services(), member.id)
    assert late(client).status_code == 303
    assert kept(app) == []


def test_where_its_page_has_no_such_form_it_is_shown_and_can_be_sent(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    client = logged_in(member)
    out(app, member)
    # A form that was refused stands at the address to which it was sent: there the list is.
    answer = late(client, "http://localhost/companies")
    back = log_in(client, member, next="/companies")
    assert (answer.location, back.location) == ("/login?next=/companies", "/companies")
    assert client.get(back.location).location == "/typed"
    page = read_page(client.get("/typed").text)
    assert f"City {TYPED['city']}" in page.shown_text
    assert client.get("/companies").status_code == 200, "and from there one goes where one likes"
    sent = page.one("form", action="/companies").form_values()
    assert client.post("/companies", data=sent).status_code == 303
    with app.app_context(), reading() as session:
        assert session.scalars(select(Company.description)).all() == ["First line\nsecond line"]


def test_where_only_a_button_was_pressed_the_page_says_to_press_it_again(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    with app.app_context():
        number = make_company().id
    client = logged_in(member)
    out(app, member)
    late(client, f"http://localhost/companies/{number}", f"/companies/{number}/active", active="no")
    log_in(client, member)
    page = client.get(f"/companies/{number}").text
    assert "Press the button again" in page
    with app.app_context(), reading() as session:
        assert session.scalars(select(Company.is_active)).all() == [True]


def test_htmx_is_led_to_the_log_in_and_back_as_well(app: Flask, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    out(app, member)
    headers = {"HX-Request": "true", "HX-Current-URL": PAGE}
    answer = client.post("/companies", data=TYPED, headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login?next=/companies/new")
    log_in(client, member)
    assert "Söhne" in client.get("/companies/new").text


@pytest.mark.parametrize(
    "page", ["https://evil.example/companies/new", "http://localhost//evil.example/x", ""]
)
def test_a_page_of_another_site_is_never_led_to(
    app: Flask, logged_in: LogIn, member: User, page: str
) -> None:
    client = logged_in(member)
    out(app, member)
    answer = late(client, page)
    assert "evil" not in answer.location
    log_in(client, member)
    typed = client.get("/typed").text
    assert "Kiel" in typed
    assert "evil" not in typed


def test_a_session_in_force_is_not_disturbed(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    assert client.post("/companies", data=TYPED).status_code == 303
    assert "Nothing is kept for you here" in client.get("/typed").text


def test_a_form_that_is_older_than_the_log_in_comes_back_with_what_was_typed(
    app: Flask, logged_in: LogIn, member: User
) -> None:
    """As of another tab, in whose browser somebody has logged in again meanwhile."""
    client = logged_in(member)
    app.config["WTF_CSRF_ENABLED"] = True
    stale = TYPED | {"csrf_token": "of the session before"}
    headers = {"Referer": PAGE, "Origin": "http://localhost"}
    answer = client.post("/companies", data=stale, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/companies/new")
    values = read_page(client.get("/companies/new").text).form_values()
    assert {name: values[name] for name in TYPED} == TYPED
    assert client.post("/companies", data=values, headers=headers).status_code == 303

    pressed = client.post("/companies", data=stale, headers=headers | HTMX)
    assert pressed.headers["HX-Redirect"] == "/companies/new"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
def test_what_another_site_sends_is_refused_and_not_kept(
    app: Flask, logged_in: LogIn, member: User, origin: str
) -> None:
    client = logged_in(member)
    app.config["WTF_CSRF_ENABLED"] = True
    headers = {"Referer": PAGE} | ({"Origin": origin} if origin else {})
    answer = client.post("/companies", data=TYPED, headers=headers)
    assert answer.status_code == 400
    assert "comes from another site" in answer.text
    assert kept(app) == []
