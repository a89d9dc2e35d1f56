"""`python -m tests.pictures [ADDRESS]`: uses a demo as the guide says, and keeps a picture of each page.

Without the address of a demo that runs it starts one.

The pictures are those that `docs/`, its translations and the README show. Run it again when a page has
changed its looks.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, sync_playwright

from tests.support.pages.browser import ARGUMENTS, chromium
from webapp.launch.demo import EMAIL, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"en-GB": ROOT / "docs" / "pictures", "de-DE": ROOT / "docs" / "de" / "pictures"}
"""Where the pictures go, by the language of the browser; the first one presses the buttons."""
_WINDOW: ViewportSize = {"width": 1200, "height": 780}
_START_S, _PULL_S = 600.0, 300.0
_SHOWN: dict[str, str] = {
    "home": "/",
    "needs-you": "/held",
    "duplicates": "/duplicates",
    "companies": "/companies",
    "record": "/contacts/1",
    "integrations": "/integrations/hubspot",
}
"""The pages that are pictured after a Pull, by the name of their file."""


def main() -> None:
    """Make every picture."""
    running = nullcontext(sys.argv[1]) if len(sys.argv) > 1 else _demo()
    with running as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        state, pull = _prepare(_context(browser, address, "en-GB").new_page())
        for locale, folder in FOLDERS.items():
            folder.mkdir(exist_ok=True)
            page = _context(browser, address, locale, state).new_page()
            for name, path in ({"pull": pull} | _SHOWN).items():
                page.goto(path)
                page.evaluate("document.activeElement?.blur()")
                page.screenshot(path=folder / f"{name}.png")
        browser.close()


def _context(
    browser: Browser, address: str, locale: str, state: StorageState | None = None
) -> BrowserContext:
    return browser.new_context(
        viewport=_WINDOW,
        base_url=address,
        color_scheme="light",
        reduced_motion="reduce",
        locale=locale,
        storage_state=state,
    )


def _prepare(page: Page) -> tuple[StorageState, str]:
    """Log in and pull everything; the session, and the address of the Pull."""
    _log_in(page)
    _pull(page)
    return page.context.storage_state(), page.url


@contextmanager
def _demo() -> Iterator[str]:
    """A running demo; yields its address."""
    command = [sys.executable, "-m", "webapp.launch", "demo"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:
        try:
            yield _address(demo)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(_START_S)


def _address(demo: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + _START_S
    assert demo.stdout is not None
    for line in demo.stdout:
        found = re.search(r"Twinbook +(http://\S+)", line)
        if found:
            return found[1]
        if time.monotonic() > deadline:
            break
    raise RuntimeError("the demo did not start")


def _log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda address: not address.endswith("/login"))


def _pull(page: Page) -> None:
    """Pull everything."""
    page.goto("/integrations/hubspot")
    page.get_by_role("button", name=re.compile("^Pull")).first.click()
    if page.get_by_role("button", name="Pull now").count():
        page.get_by_role("button", name="Pull now").click()
    page.wait_for_url(re.compile(r"/sync-log/\d+"))
    page.get_by_text("Finished").first.wait_for(timeout=_PULL_S * 1_000)


if __name__ == "__main__":
    main()
