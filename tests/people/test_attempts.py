"""How often a password may be guessed."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from tests.support.redis_server import absent_redis
from tests.support.services import change_services
from tests.support.users import PASSWORD
from webapp.app import services_of

pytestmark = pytest.mark.usefixtures("administrator")


@pytest.fixture
def has_own_app() -> bool:
    """Attempts are counted in memory as well."""
    return True


def attempt(
    client: FlaskClient, password: str, email: str = "ada@example.com", address: str = "10.0.0.1"
) -> int:
    answer = client.post(
        "/login", data={"email": email, "password": password}, environ_base={"REMOTE_ADDR": address}
    )
    return answer.status_code


def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(client: FlaskClient) -> None:
    assert [attempt(client, "wrong") for _ in range(11)] == [422] * 10 + [429]
    assert attempt(client, PASSWORD) == 429
    answer = client.post(
        "/login",
        data={"email": "ADA@example.com", "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "10.0.0.1"},
    )
    assert "Wait a quarter of an hour" in answer.text


def test_somebody_elsewhere_is_not_in_the_way(client: FlaskClient) -> None:
    for _ in range(12):
        attempt(client, "wrong", address="10.6.6.6")
    assert attempt(client, PASSWORD, address="10.0.0.1") == 303


def test_many_places_together_do_not_get_more_guesses_at_one_person(client: FlaskClient) -> None:
    codes = [attempt(client, "wrong", address=f"10.0.1.{n}") for n in range(102)]
    assert codes[99] == 422
    assert codes[100:] == [429, 429]


def test_one_place_does_not_get_to_try_everybody(client: FlaskClient) -> None:
    codes = [attempt(client, "wrong", email=f"p{n}@example.com") for n in range(101)]
    assert codes[99:] == [422, 429]


def test_who_knows_the_password_is_never_locked_out_by_logging_in_often(client: FlaskClient) -> None:
    for _ in range(15):
        assert attempt(client, PASSWORD) == 303


def test_the_count_is_shared_by_all_web_processes(app: Flask, client: FlaskClient, redis_url: str) -> None:
    for _ in range(10):
        attempt(client, "wrong")
    app.extensions.pop("twinbook.attempts")
    assert attempt(client, PASSWORD) == 429
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    assert attempt(client, PASSWORD) == 303


def test_while_redis_is_away_people_log_in_and_guesses_are_still_counted(app: Flask) -> None:
    services_of(app).redis.close()
    change_services(app, redis=absent_redis())
    client = app.test_client()
    assert attempt(client, PASSWORD) == 303
    assert [attempt(client, "wrong", address="10.0.0.2") for _ in range(11)] == [422] * 10 + [429]
