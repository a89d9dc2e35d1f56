"""Moments on pages: in the viewer's zone, one format, the exact moment behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask
from flask_login import login_user

from webapp.domain.records.fields import Field
from webapp.models import User
from webapp.web import moments
from webapp.web.access import SignedIn
from webapp.web.records.field_labels import readable

pytestmark = pytest.mark.one_database

AT = datetime(2026, 11, 24, 8, 15, 2, tzinfo=UTC)


def shown(app: Flask, user: User, zone: str | None, language: str | None = None) -> list[str]:
    person = SignedIn(user, 1, "token")
    person.time_zone, person.language = zone, language
    with app.test_request_context():
        login_user(person)
        return [str(each(AT)) for each in (moments.moment, moments.clock, moments.day)]


def test_without_a_zone_moments_are_in_utc_and_say_so(app: Flask, member: User) -> None:
    exact = 'datetime="2026-11-24T08:15:02+00:00" title="24 Nov 2026, 08:15:02 UTC"'
    assert shown(app, member, None) == [
        f"<time {exact}>24 Nov 2026, 08:15 UTC</time>",
        f"<time {exact}>08:15:02</time>",
        f"<time {exact}>24 Nov 2026</time>",
    ]


def test_moments_are_in_the_zone_of_who_looks(app: Flask, member: User) -> None:
    moment, clock, _day = shown(app, member, "Europe/Berlin")
    assert ">24 Nov 2026, 09:15</time>" in moment
    assert 'datetime="2026-11-24T08:15:02+00:00" title="24 Nov 2026, 09:15:02 CET"' in moment
    assert ">09:15:02</time>" in clock


def test_the_day_is_that_of_who_looks(app: Flask, member: User) -> None:
    assert ">23 Nov 2026</time>" in shown(app, member, "Pacific/Pago_Pago")[2]
    assert ">24 Nov 2026</time>" in shown(app, member, "Pacific/Auckland")[2]


def test_a_zone_that_is_gone_is_as_good_as_none(app: Flask, member: User) -> None:
    assert "08:15 UTC" in shown(app, member, "Europe/Atlantis")[0]


@time_machine.travel(datetime(2026, 11, 23, 22, 30, tzinfo=UTC), tick=False)
def test_what_is_waited_for_names_its_day_only_where_that_is_another_one(app: Flask, member: User) -> None:
    person = SignedIn(member, 1, "token")
    person.time_zone = "Europe/Berlin"
    with app.test_request_context():
        login_user(person)
        tonight, past_midnight = (
            moments.soon(datetime(2026, 11, 23, hour, 45, tzinfo=UTC)) for hour in (22, 23)
        )
    assert ">23:45</time>" in tonight
    assert ">24 Nov 2026, 00:45</time>" in past_midnight


def test_a_day_alone_belongs_to_no_zone(app: Flask) -> None:
    with app.test_request_context():
        assert moments.day(date(2026, 11, 24)) == '<time datetime="2026-11-24">24 Nov 2026</time>'


@pytest.mark.parametrize(
    ("language", "held", "text"),
    [
        ("en", "2026-11-24", "24 Nov 2026"),
        ("en", "2026-11-24T08:15:00.000Z", "24 Nov 2026, 09:15"),
        ("en", "2026-11-23T23:30:15.000Z", "24 Nov 2026, 00:30"),
        ("en", "soon", "soon"),
        ("de", "2026-12-24", "24. Dez. 2026"),
        ("de", "2026-12-24T08:15:00.000Z", "24. Dez. 2026, 09:15"),
    ],
)
def test_what_a_field_holds_is_written_like_every_other_moment(
    app: Flask, member: User, language: str, held: str, text: str
) -> None:
    person = SignedIn(member, 1, "token")
    person.time_zone, person.language = "Europe/Berlin", language
    field = Field("custom.ends", kind="datetime" if "T" in held else "date")
    with app.test_request_context():
        login_user(person)
        assert readable(field, held) == text


@pytest.mark.parametrize(("language", "text"), [("en", "1200.5"), ("de", "1200,5")])
def test_a_fraction_is_written_as_the_reader_writes_it(
    app: Flask, member: User, language: str, text: str
) -> None:
    person = SignedIn(member, 1, "token")
    person.language = language
    with app.test_request_context():
        login_user(person)
        assert readable(Field("custom.seats", kind="number"), 1200.5) == text


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"])
def test_zones_can_be_chosen_by_their_names(name: str) -> None:
    assert name in moments.time_zones()


def test_no_zone_stands_twice_under_an_old_name() -> None:
    assert not {"GMT", "EST5EDT", "Etc/GMT+5", "posixrules", "Factory"} & set(moments.time_zones())
