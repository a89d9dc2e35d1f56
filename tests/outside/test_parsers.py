"""Whatever comes from outside is understood or refused by name, and never a surprise.

Each parser is given anything at all, and what nearly fits: its own kind of input with something odd in it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from tests.support.plain.anything import DEEP, HUGE, answer, as_json, texts, values
from tests.support.plain.plain import MAPPINGS
from webapp.domain.mapping.values import to_local
from webapp.domain.people.network import place_of as place_of_address
from webapp.domain.records import conversions, searching, validate
from webapp.domain.records.fields import FIELDS, OBJECT_TYPES, ObjectType
from webapp.domain.records.files import headings
from webapp.domain.records.files.rows import row_of
from webapp.domain.records.normal import addresses, companies, hosts, persons, phones
from webapp.domain.webhooks.events import read_events
from webapp.errors import RefusedError, UnfitError
from webapp.hubspot.association_decoding import ReadsDecoder, WritesDecoder
from webapp.hubspot.errors import HubSpotError, MalformedAnswer, ObjectUnreadable
from webapp.hubspot.http import answers
from webapp.hubspot.http.decoding import decoded
from webapp.hubspot.object_decoding import ObjectDecoder, ObjectsDecoder
from webapp.hubspot.signature import Delivery, refusal
from webapp.store.database.pages import Number, Text, cursor, place_of
from webapp.usecases.mapping import files as mapping_files
from webapp.usecases.records.files import reading
from webapp.usecases.rules import sync_rules
from webapp.usecases.webhooks import receive
from webapp.web.people.filled_forms import fill
from webapp.web.records.value_links import mail_link, phone_link, web_link
from webapp.web.rules.forms import read_form

types = st.sampled_from(OBJECT_TYPES)


def event_like() -> st.SearchStrategy[dict[str, Any]]:
    """A webhook event in which anything may stand for anything."""
    kinds = st.sampled_from(
        ["contact.creation", "company.merge", "object.associationChange", "contact.deletion", "x"]
    )
    keys = ("portalId", "objectId", "appId", "occurredAt", "propertyName", "propertyValue", "fromObjectId")
    odd = (
        values
        | st.sampled_from([HUGE, 10**400, -(10**400)])
        | st.just(str(HUGE))
        | st.just(float("inf"))
        | st.integers(0, 10**13)
    )
    return st.fixed_dictionaries({"subscriptionType": kinds | values}, optional=dict.fromkeys(keys, odd))


@given(st.lists(values | event_like()))
def test_webhook_events(items: list[Any]) -> None:
    read = read_events(items)
    assert len(read.events) + read.tests + read.ignored >= len(items)
    for event in read.events:
        assert len(event.remote_id) <= 20
        event.occurred_at.isoformat()


@given(st.binary() | values.map(as_json))
@example(DEEP)
@example(b"")
@example(b'["\xff"]')
@example(b'["' + b'\\"' * 5_000)
def test_bodies_of_deliveries(body: bytes) -> None:
    with suppress(receive.NotEventsError):
        assert isinstance(receive._items(body), list)


@given(texts, texts, st.binary())
def test_signatures_and_their_times(signature: str, timestamp: str, body: bytes) -> None:
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": timestamp}
    delivery = Delivery("POST", "https://book.example.com/webhooks/hubspot", body, headers)
    assert refusal(delivery, "secret", datetime.now(UTC)) is not None


@given(types, st.binary(max_size=400) | texts.map(lambda text: text.encode("utf-8", "replace")))
@example("companies", b"name;" * 32_000)
@example("contacts", b'"' * 1000)
@example("contacts", "sep=\u00e4\nname".encode("utf-16"))
def test_csv_files(tmp_path_factory: pytest.TempPathFactory, object_type: ObjectType, content: bytes) -> None:
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_bytes(content)
    try:
        layout = reading.layout_of(path, object_type)
    except RefusedError:
        pass
    else:
        headings.recognised(object_type, layout.headings, {}, {})
    try:
        look = reading.look_at(path, object_type)
        list(reading.rows_of(path, look, object_type))
    except RefusedError:
        pass


@given(types, st.lists(texts, max_size=8), st.lists(texts, max_size=8))
def test_csv_rows(object_type: ObjectType, names: list[str], cells: list[str]) -> None:
    row = row_of(object_type, 2, names, cells)
    validate.check(object_type, row.given, {})


@given(st.binary() | values.map(as_json) | values.map(lambda one: as_json({"results": [one], "id": one})))
@example(DEEP)
@example(b'{"results": [{"id": ' + str(HUGE).encode() + b', "properties": {"a": 1e999}}]}')
@pytest.mark.parametrize("decoder", [ObjectsDecoder, ObjectDecoder, ReadsDecoder, WritesDecoder])
def test_answers_of_hubspot(decoder: Any, content: bytes) -> None:
    with suppress(MalformedAnswer, ObjectUnreadable):
        decoded(content, decoder(), answer(content))


@given(
    st.sampled_from([400, 401, 403, 404, 409, 429, 477, 500, 502]),
    st.binary()
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("message", "category", "errors", "context"), values)
    ).map(as_json),
)
@example(409, DEEP)
@example(400, as_json({"message": "Property values were not valid: " + "[" * 20_000}))
def test_refusals_of_hubspot(status: int, content: bytes) -> None:
    assert isinstance(answers.from_response(answer(content, status)), HubSpotError)


@given(texts | st.binary().map(lambda raw: raw.decode("latin-1")))
@example(cursor(HUGE, "a"))
@example("[" * 150)
def test_cursors(text: str) -> None:
    for shape in (tuple[Number], tuple[Text, Number], tuple[Number, Number]):
        found = place_of(text, shape)
        assert found is None or len(found) >= 1


@given(texts)
@example("9" * 5000)
@example("1e999")
@example("9999-99-99T99:99:99")
def test_numbers_days_and_moments(text: str) -> None:
    for read in (
        *(conversions.read_number, conversions.read_day, conversions.read_moment, conversions.read_yes_no),
        *(conversions.read_number_in_text, conversions.read_day_in_text, conversions.read_moment_in_text),
    ):
        with suppress(UnfitError, ValueError):
            read(text)


@given(texts)
@example("+" * 2000 + "1" * 2000)
def test_phones_hosts_names_and_places(text: str) -> None:
    for made in (
        *(phones.phone_key(text), hosts.domain_key(text), hosts.email_key(text)),
        *(companies.company_key(text), companies.naming_key(text), companies.company_words(text)),
        *(persons.person_words(text), addresses.place(text, text, text), addresses.street_words(text)),
        *(phone_link(text), web_link(text), mail_link(text), place_of_address(text)),
    ):
        repr(made)


@given(types, texts)
def test_values_of_objects(object_type: ObjectType, text: str) -> None:
    for field in FIELDS[object_type]:
        to_local(field, text, MAPPINGS[object_type])


@given(
    types,
    st.dictionaries(
        st.sampled_from(["name", "email", "website", "employees", "custom.x", "custom."]) | texts, texts
    ),
)
def test_typed_records(object_type: ObjectType, typed: dict[str, str]) -> None:
    validate.check(object_type, typed, {})


@given(texts)
def test_searches(typed: str) -> None:
    searching.search_of(typed)


@given(
    st.lists(st.tuples(st.sampled_from(["field", "operator", "value", "group", "join", "do"]) | texts, texts))
)
def test_forms_of_rules(sent: list[tuple[str, str]]) -> None:
    form = read_form(MultiDict(sent))
    form.change("add:" + "9" * 40)


@given(texts, st.lists(st.tuples(texts, texts), max_size=4))
def test_pages_that_are_filled(html: str, fields: list[tuple[str, str]]) -> None:
    fill(f"<form method=post action=/a>{html}<input name=a></form>", "/a", fields, (Markup(), Markup()))


@given(st.binary() | values.map(as_json))
@example(DEEP)
def test_files_of_mappings_and_rules(content: bytes) -> None:
    for read in (mapping_files.read, sync_rules.read):
        with suppress(RefusedError):
            read(content)


def test_deep_json_is_the_depth_that_matters() -> None:
    """The examples above are deep enough to break a parser that does not look."""
    with pytest.raises(RecursionError):
        json.loads(DEEP)


def test_thousands_of_columns_are_refused_before_any_row_is_read(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(";".join(f"column {number}" for number in range(32_000)) + '\n"never closed')
    for read in (reading.layout_of, reading.look_at):
        with pytest.raises(RefusedError) as refused:
            read(path, "companies")
        assert "too_many_columns" in str(refused.value) or "too_many_columns" in repr(refused.value.params)


@given(texts)
@example("\u202eeht\u2066 kcab\u2069\u200f")
def test_no_name_turns_the_direction_of_writing(text: str) -> None:
    checked = validate.check("companies", {"name": f"Nordlicht {text}"}, {})
    kept = str(checked.values["name"])
    turning = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
    assert "name" in checked.errors or not set(kept) & set(map(chr, turning))
