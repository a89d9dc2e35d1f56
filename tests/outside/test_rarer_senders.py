"""Whatever browsers, mail servers, tables in other letters and rules say is understood or passed over.

Beside `test_parsers` and `test_callers`; that no parser is left out is the guard's to say
(`tests/guards/suite/test_parsers.py`).
"""

from __future__ import annotations

from contextlib import suppress
from smtplib import SMTPResponseException
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask, session
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.plain.anything import HUGE, answer, as_json, texts, values
from webapp.domain.records.fields import CUSTOM, Field
from webapp.domain.records.files.encoding import encoding_of, readings
from webapp.domain.rules.check import OPERATORS_OF, check_conditions
from webapp.domain.rules.rule import Condition, Operator, Rule, holds
from webapp.flask_mailer import _error
from webapp.hubspot.calls import objects
from webapp.hubspot.errors import MalformedAnswer
from webapp.hubspot.http.decoding import decoded
from webapp.hubspot.http.whole_answers import new_session
from webapp.models import Run
from webapp.store.database.pages import cursor
from webapp.store.database.walks import Stretch, place_in
from webapp.usecases.operating import mail_server
from webapp.web import errors, moments
from webapp.web.access import page_of_request
from webapp.web.people import audit_pages
from webapp.web.records import forms
from webapp.web.webhooks import endpoint

pytestmark = pytest.mark.one_database

in_one_app = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
# What a header can hold: the web server refuses line breaks and NUL.
headers = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80) | st.sampled_from(
    ["http://[", "http://localhost:8000/[", "http://localhost:99999999/x", "//", "http://localhost:8000"]
)


@in_one_app
@given(headers, st.booleans())
def test_the_page_before(app: Flask, address: str, by_htmx: bool) -> None:  # noqa: FBT001 - Hypothesis chooses
    sent = {"HX-Request": "true", "HX-Current-URL": address} if by_htmx else {"Referer": address}
    with app.test_request_context("/companies", method="POST", headers=sent):
        assert not page_of_request().startswith("//")
        errors._page_before(403)


@in_one_app
@given(texts)
@example("0001-01-01")
@example("9999-12-31")
def test_days_of_a_filter_and_what_a_form_has_shown(app: Flask, text: str) -> None:
    with app.test_request_context("/", query_string={"since": text.encode("utf-8", "replace")}):
        audit_pages._day("since", days=1)
        moments.stored(text)
    forms._seen(text)


@in_one_app
@given(st.binary(max_size=60))
def test_the_address_of_a_delivery(app: Flask, query: bytes) -> None:
    environ = {"QUERY_STRING": query.decode("latin-1")}
    with app.test_request_context("/webhooks/hubspot", environ_overrides=environ):
        assert endpoint._address().startswith("http://localhost:8000/webhooks/hubspot")


@in_one_app
@given(texts)
def test_a_session_that_names_any_zone(app: Flask, zone: str) -> None:
    with app.test_request_context("/"):
        session["time_zone"] = zone
        moments.zone()


@given(texts | st.just(cursor(0, "2026-01-01T00:00:00", HUGE)))
@example(cursor(0, "9999-99-99", 1))
@example(cursor(0, "", 1))
def test_places_in_lists_by_time(given_: str) -> None:
    place_in([Stretch(Run.created_at), Stretch(Run.id)], given_)


@given(st.lists(st.binary(max_size=200), max_size=4), st.sampled_from([b"", b"\xe4\xf6\xfc;", b"\x83\x65"]))
@example([b"name;\xff\xfe\x00"], b"")
@example([b"\x80" * 100], b"\xe9")
def test_tables_in_other_letters(parts: list[bytes], begins: bytes) -> None:
    encoding_of([begins, *parts])
    readings([begins, *parts], "cp1252")


# One of each kind that a rule may ask about.
_FIELDS = [Field(f"{CUSTOM}{kind}", kind=kind, options=("a", "b")) for kind in OPERATORS_OF]


_QUESTIONS = [(field, operator) for field in _FIELDS for operator in OPERATORS_OF[field.kind]]
_VALUES = values | st.sampled_from(["7", "1e999", "2026-01-01", "\u0661", HUGE, HUGE**20])


@given(st.sampled_from(_QUESTIONS), _VALUES, _VALUES)
@example(next(one for one in _QUESTIONS if one[1] == "before"), "2026-01-01", "9999-99-99")
@example(next(one for one in _QUESTIONS if one[1] == "greater"), "7", HUGE**20)
def test_conditions_of_rules(question: tuple[Field, Operator], target: object, value: object) -> None:
    condition = Condition(question[0].name, question[1], target)
    if not check_conditions(Rule(conditions=(condition,)), _FIELDS):
        holds(condition, value)


@given(headers | st.text(st.characters(min_codepoint=33, max_codepoint=126)).map("//api.test".__add__))
@example("//api.test:8443/a")
@example("http://api.test@evil.example/")
@example("\\\\evil.example/a")
def test_where_an_answer_of_hubspot_leads_to(location: str) -> None:
    redirect = answer(b"", 302)
    redirect.url, redirect.headers["Location"] = "https://api.test/a", location
    led_to = new_session().get_redirect_target(redirect)
    assert led_to is None or urlsplit(urljoin(redirect.url, led_to)).netloc == "api.test"


@given(st.integers(), st.binary() | texts)
def test_what_a_mail_server_answers(code: int, words: bytes | str) -> None:
    assert len(str(_error(code, words))) <= 600
    assert "\n" not in mail_server._answer(SMTPResponseException(code, words))


@given(st.binary() | values.map(as_json) | values.map(lambda one: as_json({"total": one, "results": [one]})))
@example(b'{"total": 1e999, "results": []}')
@example(b'{"total": 3.5e308, "results": [{"id": 1e308, "\xff": 1}]}')
def test_what_a_search_of_hubspot_finds(content: bytes) -> None:
    with suppress(MalformedAnswer):
        decoded(content, objects._searches, answer(content))
