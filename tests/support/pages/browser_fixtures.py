"""Debian's Chromium for the `page` and `context` fixtures of Playwright's plugin."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.support.pages.browser import ARGUMENTS, chromium

# A machine may be busy, so that a small pull takes half a minute; what is never true still fails.
_PATIENCE_MS = 120_000
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


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A browser that is as patient with pages and buttons as a test is with what they show."""
    context.set_default_timeout(_PATIENCE_MS)
    return context
