"""Every reason and outcome is explained in one place, to which the log leads (B18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from tests.support.samples.rows import Rows
from webapp.models import User
from webapp.text.reasons import REASONS, explained
from webapp.text.runs.outcomes import ENDINGS, OUTCOMES
from webapp.text.runs.runs import RUN_ERRORS, WAIT_REASONS

pytestmark = pytest.mark.one_database


def test_all_are_explained_under_their_names(
    rows: Rows, logged_in: Callable[[User], FlaskClient], member: User
) -> None:
    pages = logged_in(member)
    page = pages.get("/sync-log/reasons").text
    for name, reason in REASONS.items():
        assert f'id="{name}"' in page
        assert str(escape(reason.text)) in page
    for name in (*RUN_ERRORS, *WAIT_REASONS):
        assert name in page
    run = rows.run()
    rows.log(run, {"outcome": "skipped", "reason": "no_company"})
    assert "/sync-log/reasons#no_company" in pages.get(f"/sync-log/{run.id}").text


def test_every_reason_stands_in_one_group() -> None:
    grouped = [name for _heading, reasons in explained() for name, _reason in reasons]
    assert grouped == list(REASONS)
    assert ENDINGS.keys() == OUTCOMES.keys()
