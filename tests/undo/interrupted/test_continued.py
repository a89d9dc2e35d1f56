"""An undo that a dead token ended between a call and its log, and that a person continues (B46).

Meanwhile others may have told what it did, and may be about to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import announced, change_contact, pushed
from tests.support.usecases.undoing import undo_of
from webapp.models import Run
from webapp.usecases.connection import connect
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import resume_by_person
from webapp.usecases.undo import cut_off, remote

pytestmark = pytest.mark.one_database

_STRETCHES = range(1, 4)


@pytest.fixture
def push(connection_id: int) -> Run:
    """A push that made objects, changed values, and gave contacts another company."""
    pulling.pulled(connection_id)
    companies = [make_company(name=name, domain=f"{name}.de") for name in ("acme", "bolt")]
    known = [make_contact(companies[0].id, email=f"{name}@acme.de") for name in ("eva", "max")]
    pushed(connection_id)
    make_contact(make_company(name="cord", domain="cord.de").id, email="ina@cord.de")
    for one in known:
        change_contact(one.id, city="Ulm", company_id=companies[1].id)
    return pushed(connection_id)


def _ended_by_a_dead_token(push: Run, sandbox: SandboxServer, stretch: int) -> Run:
    """The undo of a push whose connection fails right after the calls of a stretch, and works again since."""
    with killed_after(remote, "_send", stretch), pytest.raises(PowerCutError):
        undo_of(push.id, archives=True)
    [undo] = pulling.all_rows(Run, kind="undo")
    sandbox.revoke_tokens()
    assert pulling.worked_off(undo.id).error == "reconnect"
    sandbox.restore_tokens()
    connect.test(current_services(), undo.connection_id)
    return undo


def _continued(undo: Run) -> None:
    resume_by_person.go_on(current_services(), undo.id)
    finished_in_the_end(pulling.worked_off(undo.id))


def _compared() -> None:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    assert pulling.worked_off(started.run_id).state == "finished"


def _logged(undo: Run) -> Counter[tuple[str, str | None, str]]:
    """How often the log tells of each object and kind of change."""
    return Counter(
        (one.object_type, one.remote_id, (one.changes or [["object"]])[0][0])
        for one in pulling.entries(undo.id)
    )


def _is_logged_once(undo: Run) -> bool:
    run, logged = pulling.run_of(undo.id), _logged(undo)
    counted = sum(sum(one.values()) - one.get("unchanged", 0) for one in run.counts.values())
    is_counted = counted == len(pulling.entries(undo.id)) == run.last_seq
    return set(logged.values()) == {1} and is_counted and not announced()


@pytest.mark.parametrize("stretch", _STRETCHES)
def test_what_a_comparison_has_told_meanwhile_is_not_told_again(
    push: Run, sandbox: SandboxServer, stretch: int
) -> None:
    undo = _ended_by_a_dead_token(push, sandbox, stretch)
    _compared()
    _continued(undo)
    assert _is_logged_once(undo)
    assert {one.outcome for one in pulling.entries(undo.id)} == {"updated"}


def _in_between(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, what: Callable[[], None]) -> None:
    """Have something happen once, right after a function of a module was called."""
    real, left = getattr(module, name), [what]

    def then(*args: Any) -> Any:
        answer = real(*args)
        answer = list(answer) if name == "_seen" else answer
        if left:
            left.pop()()
        return answer

    monkeypatch.setattr(module, name, then)


@pytest.mark.parametrize("stretch", _STRETCHES)
def test_a_comparison_that_tells_while_it_goes_on_does_not_tell_it_twice(
    push: Run, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    """The undo has looked at its objects, and knows what it sent; before it sends more, the log is whole."""
    undo = _ended_by_a_dead_token(push, sandbox, stretch)
    _in_between(monkeypatch, remote, "look", _compared)
    _continued(undo)
    assert _is_logged_once(undo)


@pytest.mark.parametrize(("stretch", "calls"), [(2, 1), (2, 2), (3, 1)])
def test_a_comparison_that_has_looked_before_it_goes_on_tells_nothing(
    push: Run, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, stretch: int, calls: int
) -> None:
    """By then the undo is at the same stretch again, or at the next, and its log does not tell that yet."""
    undo = _ended_by_a_dead_token(push, sandbox, stretch)

    def goes_on() -> None:
        resume_by_person.go_on(current_services(), undo.id)
        with killed_after(remote, "_send", calls), pytest.raises(PowerCutError):
            pulling.worked_off(undo.id)

    _in_between(monkeypatch, cut_off, "_seen", goes_on)
    _compared()
    finished_in_the_end(pulling.worked_off(undo.id))
    assert _is_logged_once(undo)
