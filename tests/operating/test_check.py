"""`flask check` says of every part whether it is as it should be, and what to do where it is not."""

from __future__ import annotations

import ast
import json
import shutil
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from cryptography.fernet import Fernet
from flask import Flask
from redis import Redis
from sqlalchemy import text

from tests.support.applications.app import ROOT, application, program_environment
from tests.support.applications.services import change_services, current_services
from tests.support.servers.certificates import self_signed
from tests.support.servers.redis_server import absent_redis, redis_server
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.smtp import Mailbox, free_port
from tests.support.usecases import pulling
from tests.support.usecases.connecting import change_settings
from webapp import settings as settings_module
from webapp.settings import Settings
from webapp.text.operating import FINDINGS
from webapp.usecases.runs import machinery
from webapp.vault import Vault

pytestmark = pytest.mark.one_database

PARTS = ["settings", "keys", "database", "redis", "clock", "hubspot", "mail", "disk", "workers", "schedule"]


@pytest.fixture
def has_own_app() -> bool:
    return True


def checked(app: Flask) -> dict[str, dict[str, str]]:
    """What the check finds, by the part."""
    done = app.test_cli_runner().invoke(args=["check", "--json"])
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["ok"] is (done.exit_code == 0)
    return {one["what"]: one for one in found["checks"]}


def level(app: Flask, what: str) -> tuple[str, str]:
    found = checked(app)[what]
    return found["level"], found["code"]


def hidden(found: dict[str, dict[str, str]]) -> set[str]:
    """The parts of which nothing can be said because of another one, which is named."""
    unseen = {what: one for what, one in found.items() if one["code"] == f"{what}_unseen"}
    assert [one for one in unseen.values() if one["level"] != "warning" or "Mend" not in one["remedy"]] == []
    return set(unseen)


@pytest.mark.every_database
@pytest.mark.usefixtures("sandbox", "mailbox")
def test_every_part_has_a_line_and_what_is_amiss_a_remedy(app: Flask) -> None:
    found = checked(app)
    assert set(found) == set(PARTS)
    assert (found["database"]["level"], found["redis"]["level"]) == ("ok", "warning")
    assert found["workers"]["level"] == found["schedule"]["level"] == "error"
    assert [one for one in found.values() if one["level"] != "ok" and not one["remedy"]] == []
    plain = app.test_cli_runner().invoke(args=["check"])
    assert plain.exit_code == 1
    lines = plain.stdout.splitlines()
    named = [line.split()[1] for line in lines if not line.startswith(" ")]
    assert list(dict.fromkeys(named)) == PARTS
    assert any(line.strip().startswith("Start python worker.py") for line in lines)


@pytest.mark.usefixtures("sandbox")
def test_a_schedule_that_is_acted_on_is_well(app: Flask) -> None:
    with app.app_context():
        machinery.sign_schedule(current_services())
        with machinery.worker_sign(current_services(), ("now", "refresh", "bulk")):
            assert level(app, "schedule") == ("ok", "schedule_acts")
            assert level(app, "workers") == ("ok", "workers_work")


@pytest.mark.usefixtures("sandbox")
def test_a_portal_that_is_connected_is_asked_for_its_scopes(app: Flask) -> None:
    assert level(app, "hubspot") == ("warning", "hubspot_reached")
    with app.app_context():
        pulling.connected()
    assert level(app, "hubspot") == ("ok", "hubspot_works")
    assert level(app, "clock") == ("ok", "clock_agrees")


def test_a_token_that_is_refused_is_an_error(app: Flask, sandbox: SandboxServer) -> None:
    with app.app_context():
        pulling.connected()
    sandbox.revoke_tokens()
    assert level(app, "hubspot") == ("error", "hubspot_refused")


@pytest.mark.every_database
def test_hubspot_out_of_reach_is_an_error(app: Flask) -> None:
    found = checked(app)
    assert found["hubspot"]["code"] == "hubspot_unreachable"
    with app.app_context():
        has_clock = current_services().database.engine.dialect.name == "postgresql"
    assert found["clock"]["code"] == ("clock_agrees" if has_clock else "clock_unseen")


@pytest.mark.usefixtures("sandbox")
def test_a_queue_server_that_is_away_hides_what_is_seen_by_way_of_it(app: Flask) -> None:
    with app.app_context():
        pulling.connected()
    change_services(app, redis=absent_redis())
    found = checked(app)
    assert set(found) == set(PARTS)
    assert found["redis"]["code"] == "redis_unreachable"
    assert hidden(found) == {"workers", "schedule", "hubspot"}


def test_a_queue_server_that_lets_nobody_in_is_named_with_what_it_answers(app: Flask) -> None:
    """To start it would not help."""
    with redis_server(password="") as url, Redis.from_url(url) as redis:
        redis.config_set("requirepass", "guarded")
        with Redis.from_url(url) as stranger:
            change_services(app, redis=stranger)
            found = checked(app)["redis"]
    assert (found["level"], found["code"]) == ("error", "redis_unreachable")
    assert "AUTH" in found["text"]
    assert "REDIS_URL" in found["remedy"]


def test_a_queue_server_that_takes_nothing_is_an_error(app: Flask) -> None:
    with redis_server() as url, Redis.from_url(url) as redis:
        redis.config_set("maxmemory", 1)
        change_services(app, redis=redis)
        found = checked(app)
    assert found["redis"]["code"] == "redis_refuses"
    assert {"workers", "schedule"} <= hidden(found)


@pytest.mark.every_database
@pytest.mark.usefixtures("sandbox")
def test_a_database_that_is_away_hides_what_is_seen_by_way_of_it(
    settings: Settings,
) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:9/none")
    with application(nowhere, is_own=True) as app:
        found = checked(app)
    assert set(found) == set(PARTS)
    assert found["database"]["code"] == "database_unreachable"
    assert hidden(found) == {"keys", "hubspot"}


@pytest.mark.sqlite
def test_a_database_that_a_full_disk_keeps_from_being_read_is_not_said_to_be_away(settings: Settings) -> None:
    """SQLite needs a small file beside its own even to read; here nobody can write one."""
    with closing(sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))) as file:
        assert file.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    nothing_fits = 'trap "" XFSZ; ulimit -f 0; exec "$@"'
    check = (sys.executable, "-m", "flask", "--app", "webapp", "check", "--json")
    done = subprocess.run(
        ("bash", "-c", nothing_fits, "bash", *check),
        cwd=ROOT,
        env=program_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    found = {one["what"]: one for one in json.loads(done.stdout)["checks"]}
    assert found["database"]["code"] == "database_full"
    assert "Make room" in found["database"]["remedy"]


@pytest.mark.every_database
@pytest.mark.postgresql
@pytest.mark.usefixtures("sandbox")
def test_a_server_that_takes_no_writes_is_an_error_although_it_answers(
    app: Flask, settings: Settings
) -> None:
    """As a standby, or one whose disk is full: pages are shown, and nothing can be saved."""
    assert level(app, "database") == ("ok", "database_fits")
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute("ALTER DATABASE twinbook SET default_transaction_read_only = on")
        with app.app_context():
            current_services().database.dispose()
        try:
            found = checked(app)["database"]
        finally:
            server.execute("ALTER DATABASE twinbook RESET default_transaction_read_only")
    assert (found["level"], found["code"]) == ("error", "database_refuses")
    assert "read-only" in found["text"]


@pytest.mark.every_database
@pytest.mark.usefixtures("sandbox")
def test_a_database_of_another_version_is_an_error(app: Flask) -> None:
    with app.app_context(), current_services().database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0038'"))
    found = checked(app)
    assert found["database"]["code"] == "database_outdated"
    assert hidden(found) == {"keys", "hubspot"}


@pytest.mark.usefixtures("sandbox")
def test_the_portal_is_not_asked_with_another_key_than_the_databases(app: Flask) -> None:
    with app.app_context():
        pulling.connected()
    change_services(app, vault=Vault((Fernet.generate_key().decode(),)))
    found = checked(app)
    assert found["keys"]["code"] == "key_foreign"
    assert hidden(found) == {"hubspot"}


def test_keys_that_others_can_read_are_an_error(app: Flask, tmp_path: Path) -> None:
    change_settings(app, instance_path=tmp_path)
    key = tmp_path / "encryption_key"
    key.touch(mode=0o600)
    assert level(app, "keys")[0] == "ok"
    key.chmod(0o640)
    assert level(app, "keys") == ("error", "readable_by_others")


def test_the_disk_of_a_database_that_is_elsewhere_is_looked_at(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be stored any more once that one is full."""
    memory = Path("/dev/shm")  # noqa: S108 - nothing is written there
    free = {folder: shutil.disk_usage(folder).free for folder in (tmp_path, memory)}
    less, more = sorted(free, key=lambda folder: free[folder])
    if free[more] - free[less] < 2**30:
        pytest.skip("this machine has no two disks that differ")
    monkeypatch.setattr(machinery, "LOW_DISK_BYTES", (free[less] + free[more]) // 2)
    for database, is_low in ((more, False), (less, True)):
        change_settings(app, instance_path=more, database_url=f"sqlite:///{database}/book.db")
        with app.app_context():
            assert ("disk_low" in machinery.troubles(current_services())) is is_low
        assert (level(app, "disk")[1] == "disk_low") is is_low


def test_mail_that_arrives_nowhere_is_an_error(app: Flask, mailbox: Mailbox) -> None:
    assert level(app, "mail") == ("ok", "mail_local")
    change_settings(app, mail_use_tls=True)
    assert level(app, "mail") == ("error", "mail_no_starttls")
    change_settings(app, mail_use_tls=False, mail_username="a", mail_password="b")
    assert level(app, "mail") == ("error", "mail_login_refused")
    change_settings(app, mail_port=free_port(), mail_username="")
    assert level(app, "mail") == ("error", "mail_unreachable")
    assert mailbox.messages == []


class _OfNobody:
    """A server that takes no mail from our sender."""

    async def handle_MAIL(self, *_: object) -> str:  # noqa: N802 - the library's name
        """Refuse."""
        return "553 not yours"


def test_a_sender_that_the_mail_server_refuses_is_an_error(app: Flask) -> None:
    controller = Controller(_OfNobody(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        change_settings(
            app,
            mail_server="127.0.0.1",
            mail_port=controller.port,
            mail_default_sender="Us <us@example.com>",
        )
        found = checked(app)["mail"]
    finally:
        controller.stop()
    assert (found["level"], found["code"]) == ("error", "mail_sender_refused")
    assert "takes no mail from us@example.com: 553 not yours" in found["text"]
    assert "MAIL_DEFAULT_SENDER" in found["remedy"]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that this machine trusts, in the context of a server."""
    made = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made.context


@pytest.fixture
def smtps(certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a mail server that is encrypted from the start, which stands for 465."""
    port = free_port()
    monkeypatch.setattr(settings_module, "SMTPS_PORT", port)
    controller = Controller(Mailbox(), hostname="127.0.0.1", port=port, ssl_context=certificate)
    controller.start()
    yield port
    controller.stop()


def test_a_server_that_is_encrypted_from_the_start_takes_mail(
    app: Flask, smtps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_settings(app, mail_server="127.0.0.1", mail_port=smtps, mail_use_tls=True)
    assert level(app, "mail") == ("ok", "mail_encrypted")
    monkeypatch.delenv("SSL_CERT_FILE")
    assert level(app, "mail") == ("error", "mail_bad_certificate")


def test_a_server_that_is_encrypted_after_the_greeting_takes_mail(
    app: Flask, certificate: ssl.SSLContext
) -> None:
    port = free_port()
    controller = Controller(
        Mailbox(), hostname="127.0.0.1", port=port, tls_context=certificate, require_starttls=True
    )
    controller.start()
    try:
        change_settings(app, mail_server="127.0.0.1", mail_port=port, mail_use_tls=True)
        assert level(app, "mail") == ("ok", "mail_encrypted")
    finally:
        controller.stop()


def test_every_finding_has_a_text_and_every_text_a_finding() -> None:
    written = "".join(
        (ROOT / "webapp" / name).read_text()
        for name in (
            "domain/operating/check.py",
            "usecases/operating/checking.py",
            "installation/doubtful_settings.py",
        )
    )
    constants = {node.value for node in ast.walk(ast.parse(written)) if isinstance(node, ast.Constant)}
    computed = {"setting_unknown_near", "mail_no_starttls", "mail_bad_certificate", "mail_login_refused"}
    computed |= {"mail_refused", "mail_unreachable", "mail_sender_refused"}
    assert set(FINDINGS) - constants == computed
    assert [code for code, found in FINDINGS.items() if not found.text.endswith((".", "{answer}"))] == []
