"""The book of the demo leaves something of every kind to people, so that each decision can be tried (B56)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from tests.support.databases.demo_book import SIZE, import_book
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import connected_with_key, pushed
from webapp.domain.push.holding import IN_QUESTION
from webapp.models import FailingRecord, HeldRecord
from webapp.store.held.objects import NOT_IMPORTED_STATES

pytestmark = pytest.mark.sqlite


def test_after_the_first_pull_every_decision_can_be_tried(
    in_app: Flask, sandbox: SandboxServer, tmp_path: Path
) -> None:
    import_book(in_app, tmp_path)
    connection_id = connected_with_key(sandbox)
    sandbox.reset(**SIZE)
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
