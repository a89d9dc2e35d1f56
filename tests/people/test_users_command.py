"""`users add`."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from flask import Flask

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
