"""No secret gets into the output of a test unseen: each kind that the product has would be found there.

The secrets are those of a real installation, taken from where their owner has them. Each is then written as a
careless line of a log would write it.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import secrets
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import click
import pytest
from click.testing import CliRunner
from flask import Flask

from tests.support.applications.app import program_environment
from tests.support.applications.program import Program
from tests.support.applications.services import current_services
from tests.support.pages.page import read_page
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.scratch import scratch_folder
from tests.support.servers.smtp import Mailbox
from tests.support.suite.known_secrets import kinds_in
from tests.support.suite.secrets_in_output import secrets_in_output
from tests.support.usecases.connecting import decide, rows
from tests.support.usecases.mailed_links import link_in, sent
from webapp.hubspot.signature import signature_v1, signature_v3
from webapp.models import User
from webapp.settings import SECRETS, Settings, load_settings
from webapp.usecases.connection import tokens
from webapp.usecases.people import passwords

pytestmark = [pytest.mark.one_database, pytest.mark.shows_secrets("to see them found")]

_WRITTEN = {
    "plainly": lambda secret: f"token={secret} user=7",
    "in an address": lambda secret: f"GET /x?{urlencode({'a': secret})}&b=1",
    "in a path": lambda secret: f"GET /x/{quote(secret, safe='')}/y",
    "as JSON in JSON": lambda secret: json.dumps({"event": json.dumps({"a": f'"{secret}"'})}),
    "as Basic": lambda secret: f"Authorization: Basic {_base64(f'client:{secret}')}",
    "as SMTP has it": lambda secret: f"AUTH PLAIN {_base64(f'{chr(0)}me@example.com{chr(0)}{secret}')}",
    "in HTML": lambda secret: f'<input value="{html.escape(secret)}">',
    "as bytes": lambda secret: repr({"token": secret.encode()}),
}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_each_kind_of_secret_would_be_found_however_it_is_written(
    app: Flask, administrator: User, sandbox: SandboxServer, mailbox: Mailbox
) -> None:
    found = _of_a_browser(app, administrator, sandbox) | _of_the_connection(app)
    sent(app)
    found |= {
        "a mailed link": link_in(mailbox).rpartition("/")[2],
        "a password": PASSWORD,
        "a private app's token": f"pat-na1-{secrets.token_hex(4)}-0000",
        "the signature of a delivery": signature_v3("secret", "POST", "https://a.example", b"[]", "1"),
        "its older signature": signature_v1("secret", b"[]"),
    }
    assert _missed(found) == []


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_each_secret_setting_would_be_found(settings: Settings, name: str) -> None:
    value = f"not-for-{name}"
    addresses = {
        "sentry_dsn": f"https://{value}@example.com/1",
        "database_url": f"postgresql://me:{value}@example.com/book",
        "redis_url": f"redis://:{value}@example.com/0",
    }
    given: Any = addresses.get(name, value)
    changed: dict[str, Any] = {name: (given,) if name == "encryption_key" else given}
    replace(settings, **changed)
    assert _missed({name: value}) == []


def test_keys_that_are_made_at_the_first_start_would_be_found(tmp_path: Path) -> None:
    load_settings({"INSTANCE_PATH": str(tmp_path)}, tmp_path / "none")
    assert (
        _missed({name: (tmp_path / name).read_text().strip() for name in ("secret_key", "encryption_key")})
        == []
    )


def test_what_another_process_makes_by_chance_would_be_found(settings: Settings, tmp_path: Path) -> None:
    """Output of a forked program, and of a command in a new interpreter."""
    made = "import secrets; print(secrets.token_hex(16), secrets.token_urlsafe(24))"
    (tmp_path / "made.py").write_text(made)
    log = tmp_path / "made.txt"
    environment = program_environment(settings)
    Program((str(tmp_path / "made.py"),), environment=environment, folder=tmp_path, log=log).ended(120)
    started = [sys.executable, "-c", made]
    printed = subprocess.run(started, env=environment, capture_output=True, text=True, check=True).stdout
    all_made = [*log.read_text().split(), *printed.split()]
    assert len(all_made) == 4
    assert _missed({text: text for text in all_made}) == []


def test_what_says_nothing_is_no_secret() -> None:
    digest = "sha256-yqP1Y0fX0kAUoqmMK9hVVqcu5V2h0mvWz3Yq1bGqGdQ="
    for text in ("", "user_id=7 ms=12.5", "pat-na1-…", "/static/app.0123456789abcdef.css", digest):
        assert kinds_in(text) == set(), text


def test_the_output_of_whatever_prints_is_searched(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    passwords.hashed(PASSWORD)  # From now on this process knows it, whatever ran here before.
    (tmp_path / "folder" / "web.log").write_text(f"key {PASSWORD}\n")
    CliRunner().invoke(click.Command("tell", callback=lambda: print(secrets.token_hex(32))))  # noqa: T201
    CliRunner().invoke(click.Command("fail", callback=lambda: int(secrets.token_hex(32))))
    subprocess.run([sys.executable, "-c", "print('pat-na1-0123456789')"], capture_output=True, check=True)
    with scratch_folder("twinbook-test-") as folder:
        (folder / "server.log").write_text(secrets.token_urlsafe(32))
    places = [
        "Captured stderr call",
        "a command",
        "a command's traceback",
        "a program",
        "server.log",
        "web.log",
    ]
    found = secrets_in_output(
        [(places[0], secrets.token_hex(24)), ("Captured log call", "nothing")], tmp_path
    )
    assert sorted({line.rpartition(", in ")[2] for line in found}) == places
    assert secrets_in_output([], tmp_path) == []


def _missed(found: dict[str, str]) -> list[tuple[str, str]]:
    """Which of these kinds the search does not find, and written how."""
    for kind, secret in found.items():
        assert len(secret) >= 8, kind
    ways = itertools.product(found.items(), _WRITTEN.items())
    return [(kind, way) for (kind, secret), (way, written) in ways if not kinds_in(written(secret))]


def _of_a_browser(app: Flask, person: User, sandbox: SandboxServer) -> dict[str, str]:
    """What a browser is given from the log-in to the way back from HubSpot; it asks for a link as well."""
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = True
    form = str(read_page(client.get("/login").text).all("input", name="csrf_token")[0]["value"])
    client.post("/login", data={"email": person.email, "password": PASSWORD, "csrf_token": form})
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/forgotten-password", data={"email": person.email})
    back = decide(client, sandbox)
    client.get(back)
    cookie = client.get_cookie("twinbook_session")
    assert cookie is not None
    with client.session_transaction() as session:
        token = str(session["_user_id"])
    answer = parse_qs(urlsplit(back).query)
    return {
        "a form token": form,
        "a session's cookie": cookie.value,
        "a session's token": token,
        "HubSpot's code": answer["code"][0],
        "the state of a connection": answer["state"][0],
    }


def _of_the_connection(app: Flask) -> dict[str, str]:
    with app.app_context():
        held = tokens.read(current_services(), rows(app)[0].id)
    assert held.refresh_token is not None
    return {"an access token": held.access_token, "a refresh token": held.refresh_token}
