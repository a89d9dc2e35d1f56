"""A plugin of pytest: what a whole run has asked of SQLite and never of PostgreSQL is told at its end.

A module that is marked `one_database` is not repeated on PostgreSQL, on the ground that its statements are
sent there by others. Whoever marks one too many learns it here.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Engine, event

_WEBAPP = str(Path(__file__).resolve().parents[3] / "webapp")
_STORE, _GENERAL = f"{_WEBAPP}/store/", f"{_WEBAPP}/store/database/"
_MIGRATIONS = f"{_WEBAPP}/migrations/"
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_KEY = "statement places"

ON_SQLITE_ALONE = {
    "operating/sqlite_copy.py:_change": "PostgreSQL's copy is put right where it is put back",
    "records/searching/texts.py:queue_new": "on PostgreSQL a trigger queues what is new",
}
"""The functions of the store that have nothing to ask of PostgreSQL, and why."""

Places = defaultdict[str, set[str]]
"""The functions of the store that have sent statements, by kind of database."""

_sent: Places = defaultdict(set)


def place_of(statement: str, frame: FrameType | None) -> str | None:
    """From where a statement comes: the function of the store, or what it does where a commit writes rows.

    Args:
        statement: As the driver gets it.
        frame: From which on the callers are looked through.
    """
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_WEBAPP) and not path.startswith(_GENERAL):
            break
        frame = frame.f_back
    if frame is None or path.startswith(_MIGRATIONS):
        return None
    if path.startswith(_STORE):
        return f"{path.removeprefix(_STORE)}:{frame.f_code.co_qualname}"
    return " ".join(statement.split(None, 3)[:3]) if statement.startswith(_VERBS) else None


def only_on_sqlite(sent: Places) -> list[str]:
    """The places from which nothing was ever asked of PostgreSQL, though something could have been."""
    return sorted(sent["sqlite"] - sent["postgresql"] - ON_SQLITE_ALONE.keys())


def _note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    place = place_of(statement, sys._getframe(1))
    if place:
        _sent[connection.dialect.name].add(place)


def pytest_configure() -> None:
    """Look at every statement."""
    event.listen(Engine, "before_cursor_execute", _note)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what another process has seen."""
    for kind, places in getattr(node, "workeroutput", {}).get(_KEY, {}).items():
        _sent[kind].update(places)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand on what this process has seen."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_KEY] = {kind: sorted(places) for kind, places in _sent.items()}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was not asked of PostgreSQL."""
    found = only_on_sqlite(_sent) if _is_of_everything(config) else []
    if found:
        terminalreporter.section("asked of SQLite alone; see CONTRIBUTING.md, Which database")
    for place in found:
        terminalreporter.write_line(place)


def _is_of_everything(config: pytest.Config) -> bool:
    is_whole = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    is_chosen = config.option.keyword or config.option.markexpr
    return bool(_sent["postgresql"] and is_whole and not is_chosen)
