"""A call that tells whether HubSpot's API can be reached, without a token, and its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec
import requests

from webapp.hubspot.http.answers import from_exception
from webapp.hubspot.http.dates import http_date
from webapp.hubspot.http.whole_answers import new_session

_TIMEOUTS_S = (5.0, 10.0)
# A header names whole seconds: in the middle of one it is right on average.
_HALF_A_SECOND = timedelta(seconds=0.5)


class Reached(msgspec.Struct, frozen=True):
    """Any answer; `ahead_s` is how far our clock is ahead, None if the answer has no time."""

    ahead_s: float | None


def reach(base_url: str) -> Reached:
    """Ask for nothing, and see who answers.

    Raises:
        HubSpotError: nobody does.
    """
    began = datetime.now(UTC)
    try:
        with (
            new_session() as session,
            session.get(base_url + "/", timeout=_TIMEOUTS_S, allow_redirects=False, stream=True) as answer,
        ):
            date = answer.headers.get("Date")
    except requests.RequestException as exception:
        raise from_exception(exception, urlsplit(base_url).netloc) from exception
    here = began + (datetime.now(UTC) - began) / 2
    return Reached(_ahead_s(http_date(date), here))


def _ahead_s(there: datetime | None, here: datetime) -> float | None:
    return None if there is None else (here - there - _HALF_A_SECOND).total_seconds()
