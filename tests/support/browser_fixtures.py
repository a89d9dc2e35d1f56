"""Debian's Chromium for the `page` and `context` fixtures of Playwright's plugin."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.browser import ARGUMENTS, chromium

_PATIENCE_MS = 30_000
# A machine may be busy; what is never true still fails.
expect.set_options(timeout=_PATIENCE_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How the browser is started."""
    return {"executable_path": chromium(), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """What every page is seen with: a desktop window, and no animations to wait for."""
    return {
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
        "locale": "en-GB",
        # It would stand between a test and what the server answers; test_offline.py lets it.
        "service_workers": "block",
    }
