"""Rows of the application under test, made by what `tests.support.samples.factories` offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from tests.support.samples.factories import add_entries, change_run, make_connection, make_run
from webapp.app import services_of
from webapp.models import Run
from webapp.usecases.runs.publish import run_changed

_T = TypeVar("_T")


class Rows:
    """Makes rows of the application under test, and tells those who watch."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, make: Callable[..., _T], *args: Any, **values: Any) -> _T:
        """Call one of `tests.support.samples.factories` within the application's context."""
        with self._app.app_context():
            return make(*args, **values)

    def connection(self) -> int:
        """The number of a new connection."""
        return self(make_connection).id

    def run(self, **values: Any) -> Run:
        """A run on a new connection."""
        return self(make_run, self.connection(), **values)

    def log(self, run: Run, *entries: dict[str, Any]) -> None:
        """Entries of a run, published as a slice would do it."""
        self(add_entries, run.id, entries)
        run_changed(services_of(self._app), run.id)

    def change(self, run: Run, **values: Any) -> None:
        """Another state of a run, published."""
        self(change_run, run.id, **values)
        run_changed(services_of(self._app), run.id)
