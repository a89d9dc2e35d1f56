"""How often a password may be guessed."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError, VerifyMismatchError
from flask import Flask
from flask.testing import FlaskClient
from msgspec import structs
from redis import Redis

from tests.support.applications.services import change_services
from tests.support.samples.users import PASSWORD
from tests.support.servers.redis_server import absent_redis
from webapp.app import services_of
from webapp.usecases.people import passwords
from webapp.web.people import attempts

pytestmark = [pytest.mark.usefixtures("administrator"), pytest.mark.one_database]


@pytest.fixture(autouse=True)
def _nothing_grows_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes."""
    for name in ("_PLACE", "_PERSON_HERE", "_PERSON"):
        allowance = getattr(attempts, name)
        monkeypatch.setattr(attempts, name, structs.replace(allowance, within_s=allowance.within_s * 100))


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


@pytest.mark.parametrize(
    "email", ["{}\0ada@example.com", "ada@exam{}\0ple.com", " {}\0 ADA@example.com\u2003"]
)
def test_one_address_is_one_person_however_it_is_written(client: FlaskClient, email: str) -> None:
    """What the search for a person drops makes no other person for the count."""
    written = [email.format("\0" * number) for number in range(11)]
    assert [attempt(client, "wrong", one) for one in written] == [422] * 10 + [429]
    assert attempt(client, PASSWORD) == 429


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


def test_a_place_that_is_spent_does_not_count_against_the_person_it_names(client: FlaskClient) -> None:
    """Else anybody could lock anybody out."""
    for number in range(9):
        codes = [attempt(client, "wrong", address=f"10.6.0.{number}") for _ in range(14)]
        assert codes == [422] * 10 + [429] * 4
    assert attempt(client, PASSWORD, address="10.0.0.1") == 303


def test_right_log_ins_are_given_back_also_to_their_place(client: FlaskClient) -> None:
    """An office of many people comes from one address."""
    for _ in range(110):
        assert attempt(client, PASSWORD) == 303


def test_a_right_log_in_gives_the_place_no_more_than_itself_back(client: FlaskClient) -> None:
    """Else whoever has one account could guess at all the others."""
    codes = []
    for number in range(101):
        codes.append(attempt(client, "wrong", email=f"p{number}@example.com"))
        if number % 10 == 9:
            attempt(client, PASSWORD)
    assert codes[99:] == [422, 429]


def test_a_clock_set_back_keeps_nobody_out_until_it_has_caught_up(app: Flask, redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis, app.app_context():
        allowed = attempts.Attempts(redis)
        assert [allowed.allow_link("ada@example.com", "10.0.0.1") for _ in range(4)] == [True] * 3 + [False]
        [key] = redis.keys("twinbook:attempts:links_person:*")
        now_s = redis.time()[0]
        redis.set(key, (now_s + 30 * 3600) * 1000, ex=31 * 3600)
        assert not allowed.allow_link("ada@example.com", "10.0.0.1")
        full_at_ms, left_ms = int(redis.get(key) or 0), redis.pttl(key)
        assert 0 < full_at_ms - now_s * 1000 <= 3601 * 1000
        assert 0 < left_ms <= 3600 * 1000


def test_all_addresses_of_one_ipv6_subscriber_are_one_place(client: FlaskClient) -> None:
    codes = [attempt(client, "wrong", address=f"2001:db8:1:2::{number:x}") for number in range(11)]
    assert codes == [422] * 10 + [429]
    assert attempt(client, PASSWORD, address="2001:db8:1:3::1") == 303


def test_a_flood_of_made_up_names_fills_no_memory(
    client: FlaskClient, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "CELLS", 8)
    for number in range(60):
        attempt(client, "wrong", email=f"{number}{'x' * 200}@example.com", address=f"10.{number}.0.1")
    with Redis.from_url(redis_url) as redis:
        keys = list(redis.scan_iter("twinbook:attempts:*"))
        assert len(keys) <= 3 * 8
        assert {redis.type(key) for key in keys} == {b"string"}
        assert all(redis.pttl(key) > 0 for key in keys)


def test_few_passwords_are_looked_at_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MB."""
    at_work, most, lock = 0, 0, threading.Lock()

    class Slow:
        def verify(self, _hash: str, _password: str) -> bool:
            nonlocal at_work, most
            with lock:
                at_work += 1
                most = max(most, at_work)
            time.sleep(0.002)
            with lock:
                at_work -= 1
            return True

    monkeypatch.setattr(passwords, "HASHER", Slow())
    with ThreadPoolExecutor(48) as pool:
        answers = list(pool.map(lambda _: passwords.is_right("hash", "guess"), range(48)))
    assert (len(answers), all(answers), most) == (48, True, passwords.MOST_AT_ONCE)


def test_for_who_is_unknown_a_password_is_hashed_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[type[Exception]] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name
            try:
                return super().verify(hash, password)
            except VerificationError as error:
                compared.append(type(error))
                raise

    monkeypatch.setattr(passwords, "HASHER", Watched())
    assert passwords.is_right(None, "guess") is False
    assert compared == [VerifyMismatchError]


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com", "no address"])
def test_whoever_is_named_at_the_log_in_a_password_is_hashed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    hashes: list[str | bytes] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - argon2's name
            hashes.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Watched())
    assert attempt(client, "wrong", email) == 422
    assert len(hashes) == 1


def test_who_gets_no_turn_is_asked_to_try_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE_S", 0.01)
    turns = passwords.turns
    for _ in range(passwords.MOST_AT_ONCE):
        turns.acquire()
    try:
        answer = client.post("/login", data={"email": "ada@example.com", "password": PASSWORD})
    finally:
        for _ in range(passwords.MOST_AT_ONCE):
            turns.release()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "Too many people are logging in" in answer.text
    assert attempt(client, PASSWORD) == 303


@pytest.mark.parametrize("has_redis", [True, False])
def test_an_attempt_at_which_nobody_has_looked_is_given_back_and_no_more_than_that(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, has_redis: bool
) -> None:
    """Else who tries again, as the page says, is kept out for a quarter of an hour."""
    if not has_redis:
        services_of(app).redis.close()
        change_services(app, redis=absent_redis())
    client = app.test_client()
    assert [attempt(client, "wrong") for _ in range(9)] == [422] * 9
    with monkeypatch.context() as crowded:
        crowded.setattr(passwords, "places", threading.BoundedSemaphore(1))
        with passwords.places:
            assert [attempt(client, PASSWORD) for _ in range(12)] == [503] * 12
    assert [attempt(client, "wrong") for _ in range(2)] == [422, 429]


def test_only_so_many_wait_for_their_turn(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each who waits keeps a thread from serving pages."""
    monkeypatch.setattr(passwords, "places", threading.BoundedSemaphore(1))
    with passwords.places:
        assert attempt(client, PASSWORD) == 503
    assert attempt(client, PASSWORD) == 303
