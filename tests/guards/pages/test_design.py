"""The page of the components, and what they are made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, nodes

from tests.support.pages.page import read_page
from webapp.models.people.users import User
from webapp.web.frame import palette

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
MACROS = re.compile(r"{% macro (\w+)\(")
PARSER = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
# Macros, and the place of the icon among what they are given.
TAKES_AN_ICON = {"icon": 0, "menu": 1, "empty": 2}


@pytest.fixture
def ada(administrator: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return logged_in(administrator)


def test_the_page_of_the_components_is_there_while_developing(
    app: Flask, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEBUG", True)
    answer = ada.get("/design")
    assert answer.status_code == 200
    assert read_page(answer.text).one("h1").shown_text.startswith("Design")


def test_and_nowhere_else(ada: FlaskClient) -> None:
    assert ada.get("/design").status_code == 404


def test_it_shows_every_component() -> None:
    page = (ROOT / "templates/design/show.html").read_text()
    names = MACROS.findall((ROOT / "templates/_components.html").read_text())
    assert len(names) > 10
    assert [name for name in names if not re.search(rf"[{{%] *(?:call )?{name}\(", page)] == []


def test_the_file_of_the_icons_holds_those_in_use_and_no_other() -> None:
    [sprite] = (ROOT / "static/vendor").glob("lucide-*.svg")
    kept = re.findall(r'<symbol id="([\w-]+)"', sprite.read_text())
    assert len(kept) > 10
    assert kept == sorted(_icons_of_the_templates() | _icons_of_the_palette())


def _icons_of_the_templates() -> set[str]:
    """The icons given by their names, in a template, to the macros that take one."""
    found: set[str] = set()
    for path in ROOT.glob("templates/**/*.html"):
        for call in PARSER.parse(path.read_text()).find_all(nodes.Call):
            place = TAKES_AN_ICON.get(getattr(call.node, "name", ""), len(call.args))
            given = [
                *call.args[place : place + 1],
                *(one.value for one in call.kwargs if one.key == "symbol"),
            ]
            found.update(text for one in given for text in _texts(one))
    return found


def _texts(expression: nodes.Node) -> set[str]:
    """The texts that an expression may be; the keys of a table are none of them."""
    if isinstance(expression, nodes.Const):
        return {expression.value}
    if isinstance(expression, nodes.Pair):
        return _texts(expression.value)
    return {text for part in expression.iter_child_nodes() for text in _texts(part)}


def _icons_of_the_palette() -> set[str]:
    further = (*palette._PAGES, *palette._SHORTCUTS)
    return {*palette._SYMBOLS.values(), *(one.symbol for one in further)}


def test_every_class_of_the_style_sheets_is_used() -> None:
    sheets = "".join(path.read_text() for path in ROOT.glob("static/**/*.css") if "vendor" not in path.parts)
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/|url\([^)]*\)", "", sheets, flags=re.DOTALL))
    classes = {name for one in selectors for name in re.findall(r"\.([a-z][\w-]*)", one)}
    assert len(classes) > 100
    users = [*ROOT.glob("templates/**/*"), *ROOT.glob("static/**/*.js"), *ROOT.glob("webapp/**/*.py")]
    texts = "".join(path.read_text(encoding="utf-8") for path in users if path.is_file())
    used = set(re.findall(r"[a-z][\w-]*", texts))
    # Some end with a value, as in `cell-{{ kind }}`.
    built = {name for name in classes if f"{name.rpartition('-')[0]}-{{{{" in texts}
    assert classes - used - built == set()
