"""Headers that say what no clock and no counter holds stand in nobody's way."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.support.clocks.passing_time import Time
from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import RateLimited, WaitLonger
from webapp.hubspot.http import answers
from webapp.hubspot.http.dates import http_date
from webapp.hubspot.http.limits import RateLimiter

NO_CALENDAR = "Fri, 31 Dec 9999 23:59:59 -2300"
DAY_S = 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("7", 7), ("-3", 0), ("0.5", 0.5), ("1e12", DAY_S), ("9" * 5_000, None), ("1e999", None)),
        *(("nan", None), ("inf", None), ("soon", None), ("", None), (NO_CALENDAR, None)),
        *(("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", DAY_S)),
    ],
)
def test_how_long_to_wait_is_a_day_at_the_most_or_not_said(text: str, seconds: float | None) -> None:
    response = requests.Response()
    response.status_code, response._content = 429, b'{"policyName": "TEN_SECONDLY_ROLLING"}'
    response.headers["Retry-After"] = text
    error = answers.from_response(response)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == seconds


@pytest.mark.parametrize("text", [NO_CALENDAR, "tomorrow", "", "9" * 5_000, None])
def test_a_time_that_no_calendar_has_is_none(text: str | None) -> None:
    assert http_date(text) is None
    assert http_date("Sun, 29 Nov 2026 12:00:00 +0100") == datetime(2026, 11, 29, 11, tzinfo=UTC)


@pytest.mark.parametrize("count", ["9" * 5_000, "-1", "many", "1e3"])
def test_a_limit_that_is_no_count_is_not_learned(
    count: str, portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(200, {"portalId": 111222, "timeZone": "UTC"}, headers={"X-HubSpot-RateLimit-Max": count})
    assert client.account_details() is not None


@pytest.mark.parametrize("interval_ms", ["1000000000000", "3600000", "0", "-5", "soon"])
def test_an_interval_that_hubspot_does_not_count_by_holds_no_call_for_longer_than_ten_seconds(
    interval_ms: str, limiter: RateLimiter, portal: ScriptedPortal, client: HubSpotClient, time: Time
) -> None:
    announced = {"X-HubSpot-RateLimit-Max": "1", "X-HubSpot-RateLimit-Interval-Milliseconds": interval_ms}
    portal.will(200, {"portalId": 111222, "timeZone": "UTC"}, headers=announced)
    client.account_details()
    with pytest.raises(WaitLonger) as caught:
        limiter.acquire(patience_s=0)
    assert caught.value.not_before <= time.now + timedelta(seconds=10)
