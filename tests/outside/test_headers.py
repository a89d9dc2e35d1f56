"""Whatever a caller writes into the headers of a request: it breaks no answer, and none believes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.models import User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]

ODD = {
    "bracket": "http://[",
    "two brackets": "//[::1]]/",
    "no address": "http://a b\tc:port/",
    "foreign signs": "http://\xaa\xbd\xff/",
    "digits without end": "9" * 5_000,
    "deep": "[" * 5_000,
    "weights": "de;q=1e999, en;q=nan, *;q=-1, br;q=;q=, gzip;q=x",
    "ranges": "bytes=9-1,-0,--,99999999999999999999-",
    "quotes": 'W/"", "\\", *',
    "moments": "Thu, 99 Foo 99999999999 99:99:99 GMT",
    "markup": "'\"><script>alert(1)</script>",
}
READ = (
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Type", "Forwarded"),
    *("If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Last-Event-ID", "Origin", "Range"),
    *("Referer", "User-Agent", "X-CSRFToken", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"),
    *("X-HTTP-Method-Override", "X-HubSpot-Request-Timestamp", "X-HubSpot-Signature-v3", "X-Request-Id"),
    *("HX-Boosted", "HX-Current-URL", "HX-Prompt", "HX-Target", "HX-Trigger", "HX-Trigger-Name"),
)
# Of each way to answer one: a page, a file, a part, a stream, a form, what is not there, and a machine.
REQUESTS = (
    ("GET", "/companies"),
    ("GET", "/login"),
    ("GET", "/style.css"),
    ("GET", "/static/app.js"),
    ("GET", "/stream?once=1"),
    ("GET", "/companies/export.csv"),
    ("POST", "/companies"),
    ("POST", "/login"),
    ("POST", "/nothing-here"),
    ("POST", "/webhooks/hubspot"),
    ("GET", "/metrics"),
)


@pytest.fixture
def has_own_app() -> bool:
    """It asks for tokens."""
    return True


def broken(client: FlaskClient, value: str) -> Iterator[tuple[str, str, int]]:
    """Which addresses answer with an error of ours where every header says this."""
    for is_of_htmx in (False, True):
        # What htmx says is read of htmx alone.
        headers = dict.fromkeys(READ, value) | ({"HX-Request": "true"} if is_of_htmx else {})
        for method, address in REQUESTS:
            answer = client.open(address, method=method, headers=headers)
            answer.close()
            if answer.status_code >= 500:
                yield method, address, answer.status_code


@pytest.mark.parametrize("kind", ODD)
def test_odd_values_of_every_header_that_anything_reads(
    app: Flask, logged_in: LogIn, member: User, kind: str
) -> None:
    client = logged_in(member)
    app.config["WTF_CSRF_ENABLED"] = True
    assert [*broken(client, ODD[kind]), *broken(app.test_client(), ODD[kind])] == []


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method"]
)
def test_no_header_makes_another_method_of_one(logged_in: LogIn, member: User, header: str) -> None:
    client = logged_in(member)
    assert client.get("/logout", headers={header: "POST"}).status_code == 405
    form = {"_method": "DELETE", "name": ""}
    assert client.post("/companies", data=form, headers={header: "DELETE"}).status_code == 422
    assert client.get("/companies").status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND", "NONSENSE"])
def test_methods_that_nothing_uses_answer_with_nothing(logged_in: LogIn, member: User, method: str) -> None:
    answer = logged_in(member).open("/companies", method=method, headers={"X-Secret": "only-i-know"})
    assert answer.status_code == 405
    assert "only-i-know" not in answer.text


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_no_method_tells_without_a_session_what_a_page_would(client: FlaskClient, method: str) -> None:
    answer = client.open("/companies", method=method)
    assert (answer.status_code, answer.location) == (303, "/login")


@pytest.mark.parametrize("place", ["evil.example", "evil.example:443", "evil.example\\", "[", "a b", ""])
def test_whoever_the_caller_says_we_are_no_answer_leads_there(client: FlaskClient, place: str) -> None:
    named = {"HTTP_HOST": place, "HTTP_X_FORWARDED_HOST": place, "HTTP_FORWARDED": f"host={place}"}
    slashes = ("//login", "/login/", "/login//", "/static//app.js", "//static/app.js")
    for address in ("/companies", "/login", "/forgotten-password", *slashes):
        answer = client.get("/", environ_overrides=named | {"PATH_INFO": address})
        assert answer.status_code < 500, address
        assert "evil.example" not in answer.text, address
        assert "evil.example" not in str(answer.headers), address
        answer.close()
        if answer.location and answer.status_code == 303:
            assert answer.location.startswith("/"), address
