"""Pages reach use cases through `ask` alone, which ends their reading; nothing else below them is ambient."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.services import Services

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]

_HELPER = ROOT / "webapp" / "web" / "services.py"
_PAGES = sorted(path for path in ROOT.glob("webapp/web/**/*.py") if path != _HELPER)
# Streams and files read by themselves, since they outlast what a page reads by; writing is for use cases.
_OF_SERVICES = ("settings", "redis", "database.reading")


def _misused(text: str) -> Iterator[str]:
    """Services that a page hands on whole, or takes more of than it may."""
    tree = ast.parse(text)
    allowed = set()
    for node in ast.walk(tree):
        taken = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if taken.removeprefix("services().") in _OF_SERVICES:
            allowed |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "services":
            continue
        if id(node) not in allowed:
            yield f"line {node.lineno}"


def test_a_page_hands_its_services_to_nobody() -> None:
    assert len(_PAGES) > 40
    misused = {str(path.relative_to(ROOT)): list(_misused(path.read_text())) for path in _PAGES}
    assert {path: found for path, found in misused.items() if found} == {}


def test_services_in_a_report_of_an_error_show_no_secret(services: Services) -> None:
    shown = repr(services) + repr({"given": [services]})
    secrets = (services.settings.secret_key, *services.settings.encryption_key)
    assert all(secret and secret not in shown for secret in secrets)


@pytest.mark.parametrize(
    "line",
    ["lifecycle.start(services(), 'pull')", "found = services()", "services().database.writing()"],
)
def test_services_that_are_handed_on_are_found(line: str) -> None:
    assert list(_misused(line))
    assert not list(_misused("services().settings.public_url, services().database.reading()"))
