"""Debian's Chromium for the `page` and `context` fixtures of Playwright's plugin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.browser import ARGUMENTS, chromium


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How the browser is started."""
    return {"executable_path": chromium(), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """What every page is seen with: a desktop window, and no animations to wait for."""
    return {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", "locale": "en-GB"}
