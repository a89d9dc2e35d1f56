"""The page of the components, and what they are made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.page import read_page
from webapp.models.people import User

ROOT = Path(__file__).resolve().parents[2]
MACROS = re.compile(r"{% macro (\w+)\(")


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


def test_every_icon_in_use_is_in_the_file() -> None:
    [sprite] = (ROOT / "static/vendor").glob("lucide-*.svg")
    kept = set(re.findall(r'<symbol id="([\w-]+)"', sprite.read_text()))
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("webapp/web/**/*.py")]
    text = "\n".join(path.read_text() for path in sources)
    assert len(kept) > 10
    assert set(re.findall(r"""icon\(["']([\w-]+)["']""", text)) - kept == set()
