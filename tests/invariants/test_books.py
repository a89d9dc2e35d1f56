"""Whatever happens in whatever order, neither side ends up with a duplicate, a blank or a lost link.

`make soak` tries many more examples than the suite, each time others.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.invariants.books import Books
from tests.support.applications.services import current_services
from tests.support.applications.workers_in_turn import without_threads
from tests.support.invariants.world import World
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.smtp import Mailbox
from tests.support.usecases import pulling
from webapp.usecases.push import reading as push_reading

pytestmark = pytest.mark.long

# On PostgreSQL a step takes three times as long, and few steps send it something new.
_EXAMPLES, _STEPS = {"sqlite": 8, "postgresql": 4}, 14
_SOAK_STEPS = 40


@pytest.mark.usefixtures("in_app", "administrator")
def test_both_sides_stay_whole(
    sandbox: SandboxServer, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B6, B7, B10, B14, B24, B31, B44, B46 to B48, B51."""
    pulling.hasty_retries(monkeypatch)
    without_threads(monkeypatch)
    pulling.short_pages(monkeypatch, 3)
    monkeypatch.setattr(push_reading, "PAGE_SIZES", {"companies": 3, "contacts": 3})
    world, kind = World(sandbox, pulling.connected()), current_services().database.engine.dialect.name
    of_this_test = type("Books", (Books,), {"world": world, "mailbox": mailbox})
    run_state_machine_as_test(of_this_test, settings=_budget(_EXAMPLES[kind]))


def _budget(examples: int) -> settings:
    """The suite tries the same examples each time, within a minute; a soak others, and as many as wanted."""
    soak = int(os.environ.get("SOAK_EXAMPLES", "0"))
    return settings(
        max_examples=soak or examples,
        stateful_step_count=_SOAK_STEPS if soak else _STEPS,
        derandomize=not soak,
        database=None,
        deadline=None,
        # Every step speaks HTTP with another process: slow by design.
        suppress_health_check=list(HealthCheck),
        # A soak draws examples that nobody could repeat otherwise.
        print_blob=bool(soak),
        # Simplifying an example means living through it again and again, for which the suite has no time.
        phases=[Phase.generate, Phase.shrink] if soak else [Phase.generate],
    )
