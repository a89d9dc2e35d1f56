"""Whatever is sent as the form of a record: it is saved, or the form comes back and says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.pages.page import read_page
from webapp.domain.records.fields import CUSTOM, FIELDS, OBJECT_TYPES, ObjectType
from webapp.models import User

SAVED, REFUSED, OVERTAKEN = 303, 422, 409
HUGE = "9" * 30
# Every character that a form can carry: a browser sends no half of a pair, and others are replaced.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [HUGE, "-1", "1e999", "\0", "\u202e", "javascript:alert(1)", "a@b", "x" * 70_000, "[" * 5_000]
)
NAMES = sorted({field.name for kind in OBJECT_TYPES for field in FIELDS[kind]} | {f"{CUSTOM}x", CUSTOM})


def forms() -> st.SearchStrategy[dict[str, str]]:
    """What the form asks for, and what else it carries: the version, and what it held when it was opened."""
    seen = st.dictionaries(
        st.sampled_from(NAMES) | texts, st.none() | st.integers() | texts | st.lists(texts)
    )
    return st.fixed_dictionaries(
        {"name": st.just("Nordlicht") | texts},
        optional={name: texts for name in NAMES if name != "name"}
        | {"version": texts, "seen": texts | seen.map(json.dumps)},
    )


@pytest.fixture
def client(logged_in: Callable[[User], FlaskClient], member: User) -> FlaskClient:
    """A member who edits the first company, or its first contact, in turns."""
    client = logged_in(member)
    assert client.post("/companies", data={"name": "Birkenwerk"}).status_code == SAVED
    typed = {"first_name": "Max", "company_id": "1"}
    assert client.post("/contacts", data=typed).status_code == SAVED
    return client


@given(st.sampled_from(OBJECT_TYPES), st.sampled_from(["", "/1"]), forms())
@example("companies", "/1", {"name": "Nordlicht", "seen": "[" * 20_000, "version": "1"})
@example("contacts", "", {"first_name": "Eva", "company_id": HUGE, "version": HUGE})
@settings(max_examples=40)
def test_it_is_saved_or_comes_back_with_what_is_wrong(
    client: FlaskClient, object_type: ObjectType, number: str, typed: dict[str, str]
) -> None:
    answer = client.post(f"/{object_type}{number}", data=typed)
    if answer.status_code == SAVED:
        assert client.get(answer.headers["Location"]).status_code == 200
    else:
        assert answer.status_code in (REFUSED, OVERTAKEN), answer.text[:500]
        assert read_page(answer.text).has("form", method="post")


def test_of_a_field_that_is_sent_twice_the_first_value_counts(client: FlaskClient) -> None:
    typed = {"name": ["Nordlicht", "Suedlicht"], "version": ["1", "9"]}
    assert client.post("/companies/1", data=typed).status_code == SAVED
    heading = read_page(client.get("/companies/1").text).one("h1").shown_text
    assert heading.startswith("Nordlicht")
    assert "Suedlicht" not in heading
