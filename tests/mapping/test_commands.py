"""`mapping show` prints what `mapping set` takes (B28, B29)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

pytestmark = pytest.mark.one_database


def run(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=["mapping", *args])


def shown(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(app, "show").stdout)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mapping.json"


@pytest.mark.usefixtures("ada")
def test_what_is_shown_can_be_set_and_changes_nothing(app: Flask, file: Path) -> None:
    before = shown(app)
    file.write_text(json.dumps(before))
    done = run(app, "set", "--json-file", str(file), "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"version": 1, "started": []})
    assert shown(app) == before | {"version": 1}


@pytest.mark.usefixtures("ada")
def test_a_mapping_is_set_from_a_file(app: Flask, file: Path) -> None:
    mapping = shown(app)
    fields = [item for item in mapping["companies"]["fields"] if not item["is_fixed"]]
    fields = [item for item in fields if item["field"] != "website"]
    fields.append({"field": "website", "property": "linkedin_company_page", "direction": "in"})
    mapping["companies"]["status_out"]["Former"] = "customer"
    file.write_text(json.dumps({"companies": mapping["companies"] | {"fields": fields}}))
    done = run(app, "set", "--json-file", str(file), "--json")
    assert json.loads(done.stdout) == {"version": 1, "started": ["companies: website"]}
    stored = shown(app)
    assert {"name", "website", "phone"} <= {item["field"] for item in stored["companies"]["fields"]}
    assert stored["companies"]["status_out"]["Former"] == "customer"
    assert stored["contacts"] == mapping["contacts"]


@pytest.mark.usefixtures("ada")
def test_a_refusal_names_the_field_and_what_fits(app: Flask, file: Path) -> None:
    mapping = shown(app)
    for item in mapping["companies"]["fields"]:
        if item["field"] == "employees":
            item["property"] = "createdate"
        if item["field"] == "name":
            item["direction"] = "in"
    file.write_text(json.dumps(mapping))
    done = run(app, "set", "--json-file", str(file), "--json")
    problems = {one["field"]: one["message"] for one in json.loads(done.stdout)["problems"]}
    assert done.exit_code == 1
    assert "What fits: number or text." in problems["employees"]
    assert "fixed" in problems["name"]
    assert shown(app)["version"] == 0


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    "text", ["", "[]", '{"companies": 1}', '{"companies": {"fields": []}}', '{"x": 1}', "\xff"]
)
def test_a_file_that_is_no_mapping_is_refused(app: Flask, file: Path, text: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    done = run(app, "set", "--json-file", str(file))
    assert done.exit_code == 1
    assert "This is no mapping" in done.stderr


@pytest.mark.usefixtures("ada")
def test_a_file_made_from_an_older_mapping_is_refused(app: Flask, file: Path) -> None:
    file.write_text(json.dumps(shown(app)))
    assert run(app, "set", "--json-file", str(file)).exit_code == 0
    late = run(app, "set", "--json-file", str(file), "--json")
    assert (late.exit_code, json.loads(late.stdout)["error"]) == (1, "changed_meanwhile")
