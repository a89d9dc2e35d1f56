"""Every queue that something is put into is worked off."""

from __future__ import annotations

import ast

import pytest

from tests.support.suite.source_texts import modules_with
from webapp.processes.workers import queues_of
from webapp.usecases.runs import queues


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_queue_is_worked_off_by_however_many_workers(workers: int) -> None:
    worked_off = {queue for number in range(workers) for queue in queues_of(number, workers)}
    assert worked_off == set(queues.QUEUES)


def test_nothing_is_put_into_a_queue_anywhere_else() -> None:
    making = [
        path
        for path, tree in modules_with(["enqueue"])
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"enqueue", "enqueue_in", "enqueue_at", "enqueue_many"}
    ]
    assert set(making) == {"webapp/usecases/runs/queues.py"}
