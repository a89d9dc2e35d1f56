"""Chromium as Debian has it, driven by Playwright, and pictures of pages for the eye.

From a shell: `python -m tests.support.pages.browser FOLDER URL… [--login EMAIL:PASSWORD]`.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.pages.page import read_page

# Works as root and in a container, and speaks with nobody but the pages it is sent to.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
# The shell renders pages and nothing around them: it takes half of the processor's time, or less.
_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
# Browsers in which every journey has to be possible, as arguments of a context.
PHONE: dict[str, Any] = {
    "viewport": dict(zip(("width", "height"), SIZES["phone"], strict=True)),
    "has_touch": True,
    "reduced_motion": "reduce",
}
PLAIN: dict[str, Any] = {"java_script_enabled": False}


def chromium() -> str:
    """The installed browser.

    Raises:
        RuntimeError: there is none; the message says what to install.
    """
    for name in _PROGRAMS:
        if found := shutil.which(name):
            return found
    raise RuntimeError("Chromium is not installed: apt-get install chromium-headless-shell")


def screenshots(urls: Iterable[str], folder: Path | str, login: tuple[str, str] | None = None) -> list[Path]:
    """Pictures of whole pages on a desktop and on a phone, in light and in dark.

    Args:
        urls: full addresses.
        folder: where the PNG files go, named `PAGE-SIZE-SCHEME.png`.
        login: e-mail and password to log in with first, at the first address's own site.

    Returns:
        The files made.
    """
    urls = list(urls)
    made: list[Path] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        for size in SIZES:
            for scheme in ("light", "dark"):
                context = _context(browser, size, scheme)
                if login:
                    log_in(context, urls[0], *login)
                made += [_picture(context, url, Path(folder), f"{size}-{scheme}") for url in urls]
                context.close()
        browser.close()
    return made


@contextmanager
def visiting(browser: Browser, url: str, email: str, password: str, kind: dict[str, Any]) -> Iterator[Page]:
    """A page of a browser of a kind, PHONE or PLAIN, in which a person has logged in and is at an address."""
    with browser.new_context(**kind, locale="en-GB", service_workers="block") as context:
        log_in(context, url, email, password)
        page = context.new_page()
        page.goto(url)
        yield page


def overhang(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    pixels: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return pixels


def log_in(context: BrowserContext, url: str, email: str, password: str) -> None:
    """Log in at the site of an address: with the form of its page, which is not shown for it.

    Raises:
        RuntimeError: the site does not let in.
    """
    address = urljoin(url, "/login")
    form: dict[str, str | float | bool] = {"email": email, "password": password}
    for token in read_page(context.request.get(address).text()).all("input", name="csrf_token"):
        form["csrf_token"] = token["value"]
    answer = context.request.post(address, form=form, max_redirects=0)
    if answer.status != HTTPStatus.SEE_OTHER:
        raise RuntimeError(f"{email} is not let in: {answer.status}")


def _context(browser: Browser, size: str, scheme: str) -> BrowserContext:
    width, height = SIZES[size]
    return browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        has_touch=size == "phone",
    )


def _picture(context: BrowserContext, url: str, folder: Path, suffix: str) -> Path:
    page = context.new_page()
    page.goto(url, wait_until="load")
    name = urlsplit(url).path.strip("/").replace("/", "-") or "home"
    path = folder / f"{name}-{suffix}.png"
    page.screenshot(path=path, full_page=True)
    page.close()
    return path


def main() -> None:
    """Take pictures of the addresses given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.pages.browser")
    parser.add_argument("folder", type=Path)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--login", metavar="EMAIL:PASSWORD")
    options = parser.parse_args()
    email, _, password = (options.login or "").partition(":")
    for path in screenshots(options.urls, options.folder, (email, password) if email else None):
        print(path)  # noqa: T201 - the answer of a command


if __name__ == "__main__":
    main()
