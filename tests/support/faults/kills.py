"""Workers that die in the middle, in this process; and runs that come to their end all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.samples import shop
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, pushed
from webapp.models import Run
from webapp.usecases.push import page as push_page
from webapp.usecases.push import writing
from webapp.usecases.runs import lifecycle

_MOST_WAITS = 5


class PowerCutError(BaseException):
    """What `kill -9` looks like from inside: nothing after it is done, nothing uncommitted is kept."""


@contextmanager
def killed_after(module: ModuleType, name: str, call: int) -> Iterator[None]:
    """Kill whoever calls a function of a module for the `call`-th time, at its end."""
    real = getattr(module, name)
    left = call

    def failing(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        answer = real(*args, **kwargs)
        left -= 1
        if left == 0:
            raise PowerCutError
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, failing)
        yield


def finished_in_the_end(run: Run) -> Run:
    """Let every wait of a run be over, until it has ended."""
    for _ in range(_MOST_WAITS):
        if run.state != "running":
            break
        run = pulling.wait_is_over(run.id)
        lifecycle.sweep(current_services())
    assert run.state == "finished", (run.error_text, run.waiting_for)
    return run


def push_killed_when_sent(connection_id: int) -> int:
    """A push that is killed when HubSpot has taken its contacts, none of which it has logged; its number."""
    run_id = pulling.begun(connection_id, "push")
    # Behind the companies.
    with killed_after(push_page, "send", 2), pytest.MonkeyPatch.context() as patch:
        real = writing.write

        def write(push: object, policy: object, results: list[object], **how: object) -> None:
            if getattr(policy, "object_type", "") == "companies":
                real(push, policy, results, **how)  # type: ignore[arg-type]

        patch.setattr(push_page, "write", write)
        with pytest.raises(PowerCutError):
            pulling.worked_off(run_id)
    return run_id


def changes_of_a_killed_push(connection_id: int, contacts: int) -> int:
    """A push, killed and cancelled when HubSpot has taken a new city of so many contacts; its number."""
    pulling.pulled(connection_id)
    shop.fill(1, contacts)
    pushed(connection_id)
    for number in range(1, contacts + 1):
        change_contact(number, city="Ulm")
    run_id = push_killed_when_sent(connection_id)
    assert lifecycle.cancel(current_services(), run_id)
    return run_id
