"""Accounts, places and browsers, as rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.people.accounts import Account, leaves_nobody, session_lasts
from webapp.domain.people.actor import Actor, actor_of_run
from webapp.domain.people.browser import browser_of
from webapp.domain.people.network import place_of
from webapp.domain.people.profile import read_email, read_name
from webapp.errors import UnfitError

ADMIN = Account("administrator", is_active=True, has_password=True)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("account", "state"),
    [
        (ADMIN, "active"),
        (Account("member", is_active=True, has_password=False), "invited"),
        (Account("member", is_active=False, has_password=False), "deactivated"),
    ],
)
def test_an_account_is_invited_active_or_deactivated(account: Account, state: str) -> None:
    assert account.state == state


@pytest.mark.parametrize("after", [Account("member", True, True), Account("administrator", False, True)])
def test_somebody_has_to_be_left_who_can_administrate(after: Account) -> None:
    assert leaves_nobody(ADMIN, after, 0)
    assert not leaves_nobody(ADMIN, after, 1)
    assert not leaves_nobody(ADMIN, ADMIN, 0)
    assert not leaves_nobody(Account("member", True, True), after, 0)
    assert not leaves_nobody(Account("administrator", True, False), after, 0)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_place_is_an_address_or_the_network_of_one_subscriber(address: str, place: str) -> None:
    assert place_of(address) == place


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8:1:2:3:4:5:6"])
def test_a_place_is_one_whatever_port_a_proxy_names(address: str) -> None:
    written = f"[{address}]" if ":" in address else address
    assert {place_of(f"{written}:{port}") for port in (1, 8080, 65535)} == {place_of(address)}


@given(st.text())
def test_no_address_is_too_odd_for_a_place(address: str) -> None:
    assert len(place_of(address)) <= 45


@pytest.mark.parametrize(
    ("agent", "names"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
            ("Edge", "Windows"),
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) Version/19 Safari/605", ("Safari", "macOS")),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit Chrome/142 Mobile Safari/537", ("Chrome", "Android")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/142 Safari/604", ("Chrome", "iPhone")),
        ("", ("", "")),
    ],
)
def test_browsers_are_known_by_what_they_say(agent: str, names: tuple[str, str]) -> None:
    assert browser_of(agent) == names


@pytest.mark.parametrize(
    ("age", "idle", "lasts"),
    [
        (timedelta(hours=12), timedelta(0), True),
        (timedelta(hours=12, seconds=1), timedelta(0), False),
        (timedelta(hours=3), timedelta(hours=2), True),
        (timedelta(hours=3), timedelta(hours=2, seconds=1), False),
    ],
)
def test_a_session_ends_by_age_and_by_being_left_alone(
    age: timedelta, idle: timedelta, *, lasts: bool
) -> None:
    assert session_lasts(NOW - age, NOW - idle, NOW) is lasts


def test_only_what_a_person_starts_has_an_actor() -> None:
    assert actor_of_run("button", 7) == Actor(7, "page")
    assert actor_of_run("command", None) == Actor(None, "command")
    assert [actor_of_run(trigger, None) for trigger in ("schedule", "notice", "edit")] == [None] * 3


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\0b", "a\u202eb"])
def test_a_name_that_nobody_could_read_is_refused(name: str) -> None:
    with pytest.raises(UnfitError):
        read_name(name)


def test_names_and_addresses_are_kept_in_one_form() -> None:
    assert read_name("  Ada \t King ") == "Ada King"
    assert read_email(" ADA@Example.COM ") == "ada@example.com"
    with pytest.raises(UnfitError):
        read_email(f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.com")
