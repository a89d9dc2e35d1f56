"""Whether anything that a test has printed or logged holds a secret of the tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.support.applications.app import ENCRYPTION_KEY, SECRET_KEY
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import CLIENT_SECRET, TOKEN

SECRETS = {
    "the key of sessions": SECRET_KEY,
    "the key of tokens": ENCRYPTION_KEY,
    "an access token": TOKEN,
    "the client secret": CLIENT_SECRET,
    "a password": PASSWORD,
}


def secrets_in(text: str) -> list[str]:
    """Which secrets stand in a text."""
    return [name for name, secret in SECRETS.items() if secret in text]


def secrets_in_output(sections: Iterable[tuple[str, str]], folder: Path | None) -> list[str]:
    """Which secrets stand in what was captured of a test, or in the logs of the programs that it started.

    Args:
        sections: what was captured, each part with its title.
        folder: where its programs keep their logs.
    """
    texts = [(title, text) for title, text in sections]
    if folder is not None:
        texts += [
            (path.name, path.read_text(errors="replace")) for path in folder.rglob("*.log") if path.is_file()
        ]
    return [f"{name}, in {title}" for title, text in texts for name in secrets_in(text)]
