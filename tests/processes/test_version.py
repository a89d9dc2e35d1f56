"""The version has one place, and whoever runs the product can see it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.models import User
from webapp.version import VERSION

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[2]


def test_the_project_file_says_the_same() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_the_command_prints_it(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["version"])
    as_json = app.test_cli_runner().invoke(args=["version", "--json"])
    assert (printed.exit_code, printed.stdout) == (0, f"Twinbook {VERSION}\n")
    assert (as_json.exit_code, json.loads(as_json.stdout)) == (0, {"version": VERSION})


def test_only_who_is_logged_in_sees_it_on_the_pages(
    client: FlaskClient, member: User, logged_in: Callable[[User], FlaskClient]
) -> None:
    shown = f"Twinbook {VERSION}"
    assert shown in logged_in(member).get("/companies").text
    assert shown not in client.get("/login").text
