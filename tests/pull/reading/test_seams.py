"""Objects come and go at the seams between readers; each that was there all the time is taken once."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.samples.side_by_side import at_each_list, ids_of, several_readers
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.hubspot.objects import Page

pytestmark = pytest.mark.one_database

_PEOPLE = 40


class _Changes:
    """Archives and makes contacts while a list is read, each behind the answer of a certain page."""

    def __init__(self, sandbox: SandboxServer, steps: dict[int, str], turn: int) -> None:
        self._sandbox, self._steps, self._turn = sandbox, steps, turn
        self._lock = threading.Lock()
        self._pages = 0
        self.archived: set[str] = set()
        self.made: set[str] = set()

    def act(self, kind: str, after: str | None, page: Page) -> None:
        if kind != "contacts":
            return
        with self._lock:
            self._pages += 1
            action = self._steps.get(self._pages)
            edges = [after or "", page.after or "", *(one.id for one in page.results[:1] + page.results[-1:])]
            targets = sorted({one for one in edges if one and one not in self.archived})
            if action == "archive" and targets:
                target = targets[(self._turn + self._pages) % len(targets)]
                self._sandbox.archive("contacts", target)
                self.archived.add(target)
            elif action == "make":
                number = len(self.made)
                made = self._sandbox.create(
                    "contacts", {"firstname": f"N{number}", "email": f"n{number}@x.de"}
                )
                self.made.add(made["id"])


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - its context is pushed
    return pulling.connected()


@given(
    steps=st.dictionaries(st.integers(1, 16), st.sampled_from(["archive", "make"]), max_size=8),
    how=st.tuples(st.integers(2, 5), st.integers(8, 30), st.integers(0, 9)),
)
@settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_at_a_seam_nothing_that_stays_is_missed_or_taken_twice(
    connection_id: int,
    sandbox: SandboxServer,
    steps: dict[int, str],
    how: tuple[int, int, int],
) -> None:
    readers, part, turn = how
    pulling.forget_everything()
    sandbox.reset(companies=2, contacts=_PEOPLE)
    there = set(ids_of(sandbox, "contacts"))
    changes = _Changes(sandbox, steps, turn)
    with pytest.MonkeyPatch.context() as patch:
        several_readers(patch, readers=readers, part=part)
        at_each_list(patch, changes.act)
        run = pulling.pulled(connection_id)
    assert run.state == "finished"
    taken = [one.remote_id for one in pulling.links("contacts")]
    taken += [one.remote_id for one in pulling.left_out("contacts")]
    assert len(set(taken)) == len(taken)
    assert set(taken) >= there - changes.archived
    assert set(taken) <= there | changes.made
    assert sum(run.counts["contacts"].values()) == len(taken), "each was counted once"
