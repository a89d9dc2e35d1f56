"""The sync rules from the command line: shown as they are set, refused in words, and obeyed (B27)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling

pytestmark = pytest.mark.one_database

_BERLIN = {"field": "city", "operator": "is", "value": "Berlin"}
_LARGE = {"field": "employees", "operator": "greater", "value": 100}


def _set(app: Flask, folder: Path, document: Any) -> tuple[int, str]:
    path = folder / "rules.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["rules", "set", "--json-file", str(path)])
    return answer.exit_code, answer.output


def _shown(app: Flask) -> Any:
    return json.loads(app.test_cli_runner().invoke(args=["rules", "show"]).stdout)


@pytest.mark.every_database
@pytest.mark.usefixtures("in_app")
def test_what_is_shown_can_be_set_and_a_pull_obeys_it(
    app: Flask, sandbox: SandboxServer, tmp_path: Path
) -> None:
    connection_id = pulling.connected()
    rule = {"join": "all", "conditions": [], "groups": [{"join": "any", "conditions": [_BERLIN, _LARGE]}]}
    assert _set(app, tmp_path, {"companies": {"in": rule}}) == (0, "The rules are in force.\n")
    shown = _shown(app)
    assert shown["companies"]["in"] == rule
    assert shown["contacts"]["out"] == {"join": "all", "conditions": [], "groups": []}
    for name, city, employees in (("Nord", "Berlin", "1"), ("Süd", "Ulm", "500"), ("West", "Ulm", "7")):
        sandbox.create("companies", {"name": name, "city": city, "numberofemployees": employees})
    pulling.pulled(connection_id)
    assert sorted(pulling.names(pulling.companies())) == ["Nord", "Süd"]
    [left] = pulling.left_out("companies")
    assert (left.reason, left.detail) == ("rule_excluded", _BERLIN | {"actual": "Ulm"})
    assert _set(app, tmp_path, shown)[0] == 0
    assert _shown(app) == shown
    assert _set(app, tmp_path, {"companies": {"in": {}}})[0] == 0
    assert _shown(app)["companies"]["in"]["groups"] == []


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "These are no rules"),
        ({"people": {}}, "These are no rules"),
        ({"companies": {"in": {"groups": [{"groups": []}]}}}, "unknown field `groups`"),
        ({"companies": {"in": {"conditions": [{**_BERLIN, "operator": "like"}]}}}, "'like'"),
        ({"companies": {"out": {"conditions": [_LARGE, {**_BERLIN, "field": "town"}]}}}, "town: there is no"),
    ],
)
@pytest.mark.usefixtures("in_app", "sandbox")
def test_what_is_wrong_is_named_and_nothing_is_saved(
    app: Flask, tmp_path: Path, document: Any, text: str
) -> None:
    pulling.connected()
    before = _shown(app)
    code, output = _set(app, tmp_path, document)
    assert (code, text in output) == (1, True), output
    assert _shown(app) == before
