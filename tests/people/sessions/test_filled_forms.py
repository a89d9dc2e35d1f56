"""Putting values into the form of a page: every control, and nothing else on the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from tests.support.pages.page import read_page
from webapp.web.people.filled_forms import fill

NOTICES = (Markup("<p>typed</p>"), Markup("<p>pressed</p>"))
PAGE = """<!doctype html>
<html lang="en"><head><title>A &amp; B</title></head><body>
<!-- kept --><div id="notices"></div>
<form method="post" action="/other"><input name="name" value="other"></form>
<form method="get" action="/save"><input name="name" value="search"></form>
<form method="post" action="/save?x=1">
<input type="hidden" name="csrf_token" value="fresh">
<input type="hidden" name="version" value="2">
<input name="name" value="before &quot;x&quot;" maxlength="9" required>
<input type="password" name="secret">
<textarea name="text" rows="2">
old &lt;text&gt;</textarea>
<select name="one"><option value="">-</option><option value="a" selected>A</option>
<option value="b">B</option></select>
<select name="several" multiple><option value="a" selected>A</option><option value="b">B</option></select>
<input type="checkbox" name="tick" value="on" checked><input type="checkbox" name="box" value="1">
<input type="radio" name="way" value="x" checked><input type="radio" name="way" value="y">
<input name="line" value=""><input name="line" value="">
<button name="verb" value="save">Save</button>
</form>
<p>a &lt; b &copy; &#169;</p>
</body></html>"""
FIELDS = [
    ("csrf_token", "stale"),
    ("version", "1"),
    ("name", 'after <"&>'),
    ("text", "new\n</textarea><script>"),
    ("one", "b"),
    ("several", "a"),
    ("several", "b"),
    ("box", "1"),
    ("way", "y"),
    ("line", "first"),
    ("line", "second"),
    ("verb", "save"),
]


def form_of(html: str) -> list[tuple[str, str]]:
    form = read_page(html).one("form", action="/save?x=1")
    found: list[tuple[str, str]] = []
    for control in form.elements():
        if control.name == "select":
            chosen = [one["value"] for one in control.all("option", selected=True)]
            found += [(control["name"], value) for value in chosen]
        elif control.name in ("input", "textarea") and control.attributes.get("type") != "password":
            value = control._value()
            if value is not None:
                found.append((control["name"], value))
    return found


def test_every_kind_of_control_gets_its_value_and_the_token_stays_fresh() -> None:
    filled = fill(PAGE, "/save", FIELDS, NOTICES)
    assert filled is not None
    assert form_of(filled.html) == [("csrf_token", "fresh"), *FIELDS[1:-1]]


def test_nothing_else_on_the_page_changes() -> None:
    filled = fill(PAGE, "/save", FIELDS, NOTICES)
    assert filled is not None
    html = filled.html.replace("<p>typed</p>", "")
    before, _, rest = PAGE.partition('<form method="post" action="/save?x=1">')
    after = rest.partition("</form>")[2]
    assert html.startswith(before)
    assert html.endswith(after)
    assert '<div id="notices"><p>typed</p></div>' in filled.html
    assert 'action="/save?x=1" data-typed>' in filled.html


def test_a_page_with_the_same_values_says_that_a_button_was_pressed() -> None:
    same = [
        ("name", 'before "x"'),
        ("text", "old <text>"),
        ("one", "a"),
        ("several", "a"),
        ("tick", "on"),
        ("way", "x"),
    ]
    filled = fill(PAGE, "/save", same, NOTICES)
    assert filled is not None
    assert (filled.is_changed, "<p>pressed</p>" in filled.html) == (False, True)


@pytest.mark.parametrize(
    "fields",
    [
        [("unknown", "a value")],
        [("line", "1"), ("line", "2"), ("line", "3")],
        [("one", "an option that is gone")],
        [("way", "z")],
    ],
)
def test_a_value_that_finds_no_place_is_never_dropped_in_silence(fields: list[tuple[str, str]]) -> None:
    assert fill(PAGE, "/save", fields, NOTICES) is None


def test_a_blank_value_that_finds_no_place_is_no_loss() -> None:
    assert fill(PAGE, "/save", [("unknown", " "), ("line", "")], NOTICES) is not None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_any_text_comes_back_as_it_was_and_as_text(value: str) -> None:
    filled = fill(PAGE, "/save", [("name", value), ("text", value)], NOTICES)
    assert filled is not None
    values = dict(form_of(filled.html))
    assert (values["name"], values["text"]) == (value, value)
    assert not read_page(filled.html).has("script")
