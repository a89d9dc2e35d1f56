"""Whatever stands behind a question mark, in a form or a cookie: no address answers with an error of ours."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, UnicodeConverter

from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from webapp.models import User
from webapp.web.access import is_open
from webapp.web.bodies import MOST_WITHOUT_SESSION

LogIn = Callable[[User], FlaskClient]

ROOT = Path(__file__).resolve().parents[2]
ODD: dict[str, Any] = {
    "thirty digits": "9" * 30,
    # More than Python reads as a number.
    "digits without end": "0" * 20 + "9" * 5_000,
    "negative": "-1",
    "deep": "[" * 2_000,
    "nul": "a\0b",
    "no utf-8": b"\xed\xa0\x80\xff",
    "foreign digits": "\u0663\u0664",
    "not finite": "1e999",
    "markup": "'\"><script>",
    "elsewhere": "//evil.example/\\",
    "turned": "\u202eabc\u2066",
    # Longer than any column, and than what an index takes of a text that does not get shorter by compression.
    "long": random.Random(7).randbytes(6_000).hex() + "\u00e4",  # noqa: S311 - the same every time
}
# What reaches PostgreSQL, if anything does, and is no number or text of its own.
_FOR_POSTGRESQL = {"thirty digits", "negative", "nul", "no utf-8", "not finite", "long"}
_KINDS = [
    kind if kind in _FOR_POSTGRESQL else pytest.param(kind, marks=pytest.mark.one_database) for kind in ODD
]
_MOST_OF_A_FORM = 400_000
# They end what the others need: the session, or the connection.
_LAST = ("people.end_sessions", "profile.end_sessions", "auth.logout", "integrations.disconnect")


@pytest.fixture
def client(app: Flask, administrator: User, logged_in: LogIn) -> FlaskClient:
    """An administrator of a book in which something of everything has happened."""
    with app.app_context():
        fill(make_connection().id, administrator.id)
    return logged_in(administrator)


def names() -> list[str]:
    """Everything that a page reads by name from what is sent to it."""
    reading = re.compile(r"request\.(?:args|form|values)\.(?:get|getlist)\(\s*\"(\w+)\"")
    found = {name for path in ROOT.glob("webapp/web/**/*.py") for name in reading.findall(path.read_text())}
    assert len(found) > 40
    return sorted(found | {"name", "email", "version", "seen", "custom.x", "domain"})


def forms(kind: str, most: int) -> list[str]:
    """An odd value under every name, in as many forms as it takes for none to be refused unread."""
    made: list[str] = []
    for name in names():
        field = f"{quote(name)}={quote(ODD[kind])}"
        if made and len(made[-1]) + len(field) < most:
            made[-1] += f"&{field}"
        else:
            made.append(field)
    return made


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values: dict[str, Any] = {}
            for name, converter in rule._converters.items():
                choices = getattr(converter, "items", None)
                is_number = isinstance(converter, IntegerConverter)
                values[name] = min(choices) if choices else 1 if is_number else "companies"
            if rule.endpoint.endswith(".stream"):
                values["once"] = 1
            address = app.url_for(rule.endpoint, **values)
            methods = sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
            found += [(rule.endpoint, method, address) for method in methods]
    return sorted(found, key=lambda one: one[0] in _LAST)


def bodies() -> dict[str, tuple[str, bytes]]:
    """Bodies of forms as no browser sends them, with their types."""
    urlencoded, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    every = [*names(), "file", "column.0"]
    return {
        "twice": (urlencoded, "&".join(f"{one}=1&{one}=companies&{one}=all" for one in every).encode()),
        "nested": (urlencoded, "&".join(f"{one}[a][]=1&{one}%00=1&{one}.=%00" for one in every).encode()),
        "files for texts": (multipart, parts(f'; name="{one}"; filename="a.html"' for one in every)),
        "texts for files": (multipart, parts(f'; name="{one}"' for one in every)),
        "without names": (multipart, parts(["", "; name", '; filename="x"'])),
        "without a boundary": ("multipart/form-data", parts(['; name="kind"'])),
        "cut off": (multipart, parts(f'; name="{one}"' for one in every)[:-9]),
        "of another type": ("application/json", b"[" * 5_000),
        "by the thousand": (urlencoded, b"&".join(b"id=%d" % number for number in range(10_000))),
    }


def parts(heads: Iterable[str]) -> bytes:
    """A body of parts, each with such a head."""
    made = "".join(f"--x\r\nContent-Disposition: form-data{head}\r\n\r\n1\r\n" for head in heads)
    return f"{made}--x--\r\n".encode()


@pytest.mark.one_database
@pytest.mark.parametrize("has_own_app", [True])  # Whatever they bring about.
@pytest.mark.parametrize("kind", bodies())
def test_no_body_of_a_form_is_answered_by_an_error_of_ours(
    app: Flask, client: FlaskClient, kind: str
) -> None:
    content_type, body = bodies()[kind]
    wrong = []
    for endpoint, method, address in addresses(app):
        if method == "POST":
            answer = client.post(address, data=body, content_type=content_type)
            answer.close()
            is_out = endpoint not in _LAST and (answer.location or "").startswith("/login")
            if is_out or (answer.status_code >= 500 and answer.status_code != 503):
                wrong.append((endpoint, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("has_own_app", [True])  # Whatever they bring about.
@pytest.mark.parametrize("kind", _KINDS)
def test_odd_values_of_every_name_that_any_page_reads(app: Flask, client: FlaskClient, kind: str) -> None:
    sent = forms(kind, _MOST_OF_A_FORM)
    query = sent[0] if len(sent[0]) < 8_000 else ""
    wrong = []
    for endpoint, method, address in addresses(app):
        mark = "&" if "?" in address else "?"
        with app.app_context():
            fitting = forms(kind, MOST_WITHOUT_SESSION) if is_open(endpoint) else sent
        for form in fitting if method == "POST" else [""]:
            answer = client.open(
                f"{address}{mark}{query}",
                method=method,
                data=form or None,
                content_type="application/x-www-form-urlencoded" if form else None,
            )
            answer.close()
            if answer.status_code == 413 or (answer.status_code >= 500 and answer.status_code != 503):
                wrong.append((endpoint, method, answer.status_code))
    assert wrong == []


def test_odd_words_in_every_address_that_takes_any(app: Flask, client: FlaskClient) -> None:
    taking = [
        (rule, [name for name, one in rule._converters.items() if type(one) is UnicodeConverter])
        for rule in app.url_map.iter_rules()
    ]
    wrong = []
    for kind, value in ODD.items():
        odd = value if isinstance(value, str) else value.decode("latin-1")
        for rule, texts in taking:
            others: dict[str, Any] = {
                name: 1 if isinstance(converter, IntegerConverter) else min(getattr(converter, "items", "x"))
                for name, converter in rule._converters.items()
            }
            method = min((rule.methods or set()) - {"OPTIONS", "HEAD"})
            # Keys of what needs a person begin with a letter.
            for before in ("", "r", "f") if texts else ():
                with app.test_request_context():
                    address = app.url_for(rule.endpoint, **{**others, **dict.fromkeys(texts, before + odd)})
                answer = client.open(address, method=method)
                answer.close()
                if answer.status_code >= 500:
                    wrong.append((rule.endpoint, kind, answer.status_code))
    assert wrong == []


@pytest.mark.one_database
def test_odd_cookies_are_no_session(app: Flask) -> None:
    for kind in ("deep", "thirty digits", "markup"):
        client = app.test_client()
        client.set_cookie("twinbook_session", quote(ODD[kind])[:4_000])
        for address in ("/", "/login", "/companies"):
            assert client.get(address).status_code in (200, 303), (kind, address)


@pytest.mark.one_database
def test_odd_paths_lead_nowhere(client: FlaskClient) -> None:
    for path in (
        *("/%00", "/companies/%00", "/style.css?v=%00", "/static/%00?v=1"),
        *("/static/..%2fapp.py", "/help/%2e%2e"),
    ):
        answer = client.get(path)
        answer.close()
        assert answer.status_code in (200, 303, 404), path
        assert "immutable" not in answer.headers.get("Cache-Control", ""), path


@pytest.mark.one_database
def test_no_header_says_where_the_application_stands(client: FlaskClient) -> None:
    for header in ("X-Forwarded-Prefix", "X-Script-Name", "Script-Name", "X-Original-URL"):
        assert "/evil" not in client.get("/companies", headers={header: "/evil"}).text, header


@pytest.mark.one_database
def test_a_file_is_kept_for_good_under_its_own_digest_alone(client: FlaskClient) -> None:
    page = client.get("/login", follow_redirects=True).text
    [address] = set(re.findall(r'"(/static/app\.js\?v=\w+)"', page))
    for kept, one in (
        (True, address),
        (False, f"{address}0"),
        (False, "/static/app.js?v="),
        (False, "/style.css?v=1"),
    ):
        answer = client.get(one)
        answer.close()
        assert (
            "immutable" in answer.headers["Cache-Control"]
            if kept
            else "immutable" not in answer.headers.get("Cache-Control", "")
        )
