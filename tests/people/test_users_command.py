"""`users add`."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from flask import Flask

pytestmark = pytest.mark.one_database

GOOD = "a long enough one\n"


def add(app: Flask, *arguments: str, password: str = GOOD) -> Result:
    return app.test_cli_runner().invoke(args=["users", "add", *arguments], input=password)


def test_the_first_administrator_can_log_in(app: Flask) -> None:
    result = add(app, "Grace@Example.com", "--name", "Grace", "--admin", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "id": 1,
        "email": "grace@example.com",
        "name": "Grace",
        "role": "administrator",
        "state": "active",
    }
    client = app.test_client()
    answer = client.post("/login", data={"email": "grace@example.com", "password": GOOD.strip()})
    assert answer.status_code == 303
    assert "Administrator" in client.get("/companies").text


def test_without_admin_the_person_is_a_member(app: Flask) -> None:
    assert json.loads(add(app, "m@example.com", "--name", "M", "--json").stdout)["role"] == "member"


def test_an_address_is_taken_only_once_in_whatever_case(app: Flask) -> None:
    add(app, "grace@example.com", "--name", "Grace")
    again = add(app, "GRACE@example.com", "--name", "Grace")
    assert again.exit_code == 1
    assert "There is a user grace@example.com already." in again.output


@pytest.mark.parametrize("password", ["too short\n", "", "\n"])
def test_a_short_password_is_refused(app: Flask, password: str) -> None:
    result = add(app, "grace@example.com", "--name", "Grace", password=password)
    assert result.exit_code == 1
    assert "at least 10 characters" in result.output


@pytest.mark.parametrize("email", ["grace", "grace@", "gr ace@example.com"])
def test_what_is_no_address_is_wrong_use(app: Flask, email: str) -> None:
    assert add(app, email, "--name", "Grace").exit_code == 2


def users(app: Flask, *arguments: str, password: str = "") -> Result:
    return app.test_cli_runner().invoke(args=["users", *arguments], input=password)


def test_a_password_that_everybody_tries_or_that_is_the_name_is_refused(app: Flask) -> None:
    for password in ("qwertyuiop\n", "aaaaaaaaaaaa\n", "grace@example.com\n", "GraceHopper1\n"):
        result = add(app, "grace@example.com", "--name", "Grace Hopper", "--json", password=password)
        assert (result.exit_code, json.loads(result.stdout)["error"]) == (1, "password_refused"), password


@pytest.mark.shows_secrets("the link of an invitation")
def test_everybody_is_listed_with_state_and_sessions(app: Flask) -> None:
    add(app, "grace@example.com", "--name", "Grace", "--admin")
    users(app, "invite", "ida@example.com", "--name", "Ida")
    found = json.loads(users(app, "list", "--json").stdout)["users"]
    assert [(one["email"], one["role"], one["state"], one["sessions"]) for one in found] == [
        ("grace@example.com", "administrator", "active", 0),
        ("ida@example.com", "member", "invited", 0),
    ]
    assert "ida@example.com\tIda\tmember\tinvited\t0" in users(app, "list").stdout


@pytest.mark.shows_secrets("the link of an invitation")
def test_without_a_mail_server_an_invitation_prints_its_link(app: Flask) -> None:
    result = json.loads(users(app, "invite", "ida@example.com", "--name", "Ida", "--admin", "--json").stdout)
    assert (result["role"], result["state"]) == ("administrator", "invited")
    path = urlsplit(result["link"]).path
    client = app.test_client()
    answer = client.post(path, data={"new_password": GOOD.strip(), "new_password_again": GOOD.strip()})
    assert (answer.status_code, answer.location) == (303, "/login")
    entered = client.post("/login", data={"email": "ida@example.com", "password": GOOD.strip()})
    assert entered.status_code == 303


@pytest.mark.shows_secrets("the link of an invitation")
def test_who_was_invited_and_has_not_come_gets_another_link(app: Flask) -> None:
    first = json.loads(users(app, "invite", "ida@example.com", "--name", "Ida", "--json").stdout)
    second = json.loads(users(app, "invite", "ida@example.com", "--name", "Ida", "--json").stdout)
    assert first["id"] == second["id"]
    assert first["link"] != second["link"]


@pytest.mark.shows_secrets("the link of an invitation")
def test_the_last_administrator_stays_one(app: Flask) -> None:
    add(app, "grace@example.com", "--name", "Grace", "--admin")
    # Somebody who was only invited cannot administrate anything yet.
    users(app, "invite", "ida@example.com", "--name", "Ida", "--admin")
    for command in (("role", "grace@example.com", "member"), ("deactivate", "grace@example.com")):
        result = users(app, *command, "--json")
        assert (result.exit_code, json.loads(result.stdout)["error"]) == (1, "last_administrator")
    add(app, "hal@example.com", "--name", "Hal", "--admin")
    result = users(app, "role", "grace@example.com", "member", "--json")
    assert json.loads(result.stdout)["role"] == "member"


def test_a_person_is_deactivated_and_comes_back_with_another_password(app: Flask) -> None:
    add(app, "mem@example.com", "--name", "Mem")
    client = app.test_client()
    known = {"email": "mem@example.com", "password": GOOD.strip()}
    assert client.post("/login", data=known).status_code == 303
    state = json.loads(users(app, "deactivate", "mem@example.com", "--json").stdout)["state"]
    assert (state, client.get("/companies").status_code) == ("deactivated", 303)
    assert json.loads(users(app, "reactivate", "mem@example.com", "--json").stdout)["state"] == "active"
    assert client.get("/companies").status_code == 303
    assert users(app, "password", "mem@example.com", password="another good one\n").exit_code == 0
    assert client.post("/login", data=known).status_code == 422
    assert client.post("/login", data=known | {"password": "another good one"}).status_code == 303
    ended = json.loads(users(app, "end-sessions", "mem@example.com", "--json").stdout)["ended"]
    assert (ended, client.get("/companies").status_code) == (1, 303)


@pytest.mark.parametrize(
    "command",
    [("role", "x@example.com", "member"), ("deactivate", "x@example.com"), ("password", "x@example.com")],
)
def test_who_is_not_there_is_named(app: Flask, command: tuple[str, ...]) -> None:
    result = users(app, *command)
    assert (result.exit_code, result.stderr.strip()) == (1, "There is no user x@example.com.")
