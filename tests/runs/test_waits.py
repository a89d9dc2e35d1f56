"""What ends the wait of a run, as the commands say it: only what ends by itself is said to do so (B45)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_connection, make_run
from webapp.commands.runs import waiting

pytestmark = pytest.mark.one_database

_BY_ITSELF = "It goes on by itself."


@pytest.mark.parametrize(
    ("waiting_for", "end"),
    [
        ("rate_limit", _BY_ITSELF),
        ("redis", _BY_ITSELF),
        ("comparison", "somebody has to start it: Compare everything"),
        ("other_key", "start one with that key"),
        ("other_version", "finish the update, or go back to that version"),
        ("blocked", "Have that let calls to HubSpot pass, then press Test connection"),
    ],
)
def test_the_commands_say_what_ends_a_wait(in_app: Flask, waiting_for: str, end: str) -> None:
    assert in_app
    soon = datetime.now(UTC) + timedelta(minutes=1)
    run = make_run(make_connection().id, state="running", waiting_for=waiting_for, not_before=soon)
    text = " ".join(waiting.wait_lines(current_services(), run))
    assert end in text
    assert (_BY_ITSELF in text) == (end == _BY_ITSELF)
