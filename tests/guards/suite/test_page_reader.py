"""Pages are read as a browser reads them."""

from __future__ import annotations

import pytest

from tests.support.pages.page import read_page

PAGE = read_page(
    """<main><p class="lead small" id=x>Fr&uuml;h: <del>a</del>, <ins>b&lt;c</ins></p><script>no()</script>
    <a rel="next" href="/x?a=1&amp;b=2">Next<br>page</a>
    <form><input name="a" value="1"><input type="checkbox" name="b" value="2">
    <input checked value="3" name="c" type="radio"><textarea name="d">
two
lines</textarea><select name="e"><option>f</option><option value="g" selected>G</option></select>
    <select name="h"><option value="">None</option></select><button name="i">Go</button>
    <input name="j" disabled></form></main>"""
)


def test_words_are_what_a_person_reads() -> None:
    assert PAGE.one(id="x").shown_text == "Früh: a, b<c"
    assert PAGE.one("a").shown_text == "Next page"
    assert "no()" not in PAGE.shown_text


def test_elements_are_found_by_attributes_in_whatever_order() -> None:
    assert PAGE.one("a", href="/x?a=1&b=2", rel="next")["rel"] == "next"
    assert PAGE.leads_to("/x?a=1&b=2")
    assert PAGE.one("p", class_="small") is PAGE.one(class_="lead")
    assert not PAGE.has("p", class_="lead small")
    assert [one["name"] for one in PAGE.all("input", checked=True)] == ["c"]
    assert [one["name"] for one in PAGE.all("input", checked=False)] == ["a", "b", "j"]


def test_a_form_sends_what_a_browser_would() -> None:
    assert PAGE.form_values() == {"a": "1", "c": "3", "d": "two\nlines", "e": "g", "h": ""}


def test_one_is_exactly_one() -> None:
    for name in ("input", "table"):
        with pytest.raises(AssertionError):
            PAGE.one(name)


@pytest.mark.parametrize("broken", ["<p>a<b>c</p>", "<p>a", "a</p>"])
def test_broken_markup_is_not_read(broken: str) -> None:
    with pytest.raises(AssertionError):
        read_page(broken)
