"""The book of the demo leaves something of every kind to people, so that each decision can be tried (B56)."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from sandbox.sample import book, fill
from sandbox.settings import Settings
from sandbox.store.portal import Portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import connected_with_key, pushed
from webapp.domain.push.holding import IN_QUESTION
from webapp.models import FailingRecord, HeldRecord
from webapp.store.held.objects import NOT_IMPORTED_STATES

pytestmark = pytest.mark.sqlite


def _import(app: Flask, folder: Path) -> None:
    portal = Portal(Settings(), 7)
    fill(portal, companies=400, contacts=2000)
    for name, columns, rows in (
        ("companies", book.COMPANIES, book.companies(portal)),
        ("contacts", book.CONTACTS, book.contacts(portal)),
    ):
        path = folder / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        done = app.test_cli_runner().invoke(args=["records", "import", name, str(path)])
        assert done.exit_code == 0, done.output


def test_after_the_first_pull_every_decision_can_be_tried(
    in_app: Flask, sandbox: SandboxServer, tmp_path: Path
) -> None:
    _import(in_app, tmp_path)
    connection_id = connected_with_key(sandbox)
    sandbox.reset(companies=400, contacts=2000)
    assert pulling.pulled(connection_id).state == "finished"
    taken = {(one.object_type, one.record_id) for one in pulling.links()}
    free: Counter[str] = Counter()
    for one in pulling.left_out():
        if one.state == "held":
            candidates = [each["record_id"] for each in (one.detail or {}).get("candidates", [])]
            free[one.object_type] += any((one.object_type, number) not in taken for number in candidates)
    assert free["companies"] > 1
    assert free["contacts"] > 1
    assert any(one.state in NOT_IMPORTED_STATES for one in pulling.left_out())
    assert not pulling.all_rows(FailingRecord)
    pushed(connection_id)
    [failing] = pulling.all_rows(FailingRecord)
    assert failing.record_id is not None
    assert pulling.contact(failing.record_id).last_name == "Harms"
    assert [one.reason for one in pulling.all_rows(HeldRecord) if one.reason != IN_QUESTION] == [
        "same_domain_here"
    ]
