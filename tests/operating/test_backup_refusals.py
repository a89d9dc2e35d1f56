"""A backup or a restore that cannot be done says why, and leaves everything as it was."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from tests.support.applications.app import application
from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company
from webapp.models import Company
from webapp.settings import Settings
from webapp.store.operating import postgres_return

_AN_INDEX = text(
    "SELECT indexname FROM pg_indexes WHERE tablename = 'companies' AND indexname LIKE 'ix_%' LIMIT 1"
)


@pytest.fixture
def has_own_app() -> bool:
    return True


@pytest.fixture
def in_book(in_app: Flask) -> Flask:
    make_company(name="Ada Ltd")
    return in_app


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=[*(str(one) for one in args), "--json"])


def error(done: Result) -> str:
    assert done.exit_code == 1, done.output
    return str(json.loads(done.stdout)["error"])


def companies() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Company.name).order_by(Company.id)))


@pytest.mark.one_database
def test_a_folder_that_is_not_there_is_not_made(in_book: Flask, tmp_path: Path) -> None:
    """It may be a disk that is not mounted."""
    done = run(in_book, "backup", tmp_path / "disk" / "today.tar")
    assert (error(done), (tmp_path / "disk").exists()) == ("backup_unwritable", False)
    assert f"{tmp_path / 'disk'} cannot be written: No such file" in json.loads(done.stdout)["message"]
    assert error(run(in_book, "backup", "/proc/today.tar")) == "backup_unwritable"


@pytest.mark.one_database
def test_what_killed_backups_have_left_is_cleared_and_what_others_work_in_is_not(
    in_book: Flask, tmp_path: Path
) -> None:
    """A copy of the whole book would stay on the disk for good."""
    left, held, young = (tmp_path / f".twinbook-{name}" for name in ("left", "held", "young"))
    for folder in (left, held, young):
        folder.mkdir()
        (folder / "database.sqlite").write_text("all of the book")
    for folder in (left, held):
        os.utime(folder, (0, 0))
    handle = os.open(held, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        assert run(in_book, "backup", tmp_path / "today.tar").exit_code == 0
    finally:
        os.close(handle)
    names = {path.name for path in tmp_path.glob(".twinbook-*")}
    assert names == {held.name, young.name}


@pytest.mark.one_database
def test_a_disk_without_links_takes_a_backup_which_is_nowhere_else_until_it_is_whole(
    in_book: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stick that Windows knows too, or a folder of another machine; whoever is killed leaves one folder."""
    beside: list[str] = []

    def refused(*_: object) -> None:
        beside.extend(path.name for path in tmp_path.iterdir())
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    before = {path.name for path in tmp_path.iterdir()}
    target = tmp_path / "today.tar"
    assert run(in_book, "backup", target).exit_code == 0
    assert [name for name in set(beside) - before if not name.startswith(".twinbook-")] == []
    assert run(in_book, "restore", target, "--yes").exit_code == 0
    assert error(run(in_book, "backup", target)) == "backup_exists"


@pytest.mark.postgresql
def test_a_dump_that_the_database_does_not_take_leaves_it_as_it_was(in_book: Flask, tmp_path: Path) -> None:
    file = tmp_path / "today.tar"
    assert run(in_book, "backup", file).exit_code == 0
    make_company(name="Since")
    with writing() as session:
        index = session.scalar(_AN_INDEX)
        session.execute(text(f"DROP INDEX {index}"))
        session.execute(text(f"CREATE SEQUENCE {index}"))
    done = run(in_book, "restore", file, "--yes", "--discard")
    assert (error(done), companies()) == ("restore_failed", ["Ada Ltd", "Since"])
    assert f'"{index}" already exists' in json.loads(done.stdout)["message"]
    with writing() as session:
        session.execute(text(f"DROP SEQUENCE {index}"))
    assert run(in_book, "restore", file, "--yes", "--discard").exit_code == 0
    assert companies() == ["Ada Ltd"]


@pytest.mark.postgresql
def test_tables_that_a_backup_does_not_know_go_with_what_it_replaces(in_book: Flask, tmp_path: Path) -> None:
    """As after an upgrade that is taken back: they refer to tables that are about to be dropped."""
    file = tmp_path / "today.tar"
    assert run(in_book, "backup", file).exit_code == 0
    with writing() as session:
        session.execute(text("CREATE TABLE newer (company_id integer REFERENCES companies (id))"))
    assert run(in_book, "restore", file, "--yes", "--discard").exit_code == 0
    with reading() as session:
        assert session.scalar(text("SELECT to_regclass('newer')")) is None


_TOO_OLD = {
    "pg_dump": (
        "pg_dump: error: aborting because of server version mismatch\n"
        "pg_dump: detail: server version: 17.2; pg_dump version: 15.18\n"
    ),
    "pg_restore": "pg_restore: error: unsupported version (1.16) in file header\n",
}


@pytest.mark.postgresql
@pytest.mark.parametrize("program", _TOO_OLD)
def test_an_old_program_of_postgresql_is_named_with_what_to_install(
    in_book: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """Debian has one version of them; this one says what another one says."""
    old = tmp_path / "bin" / program
    old.parent.mkdir()
    old.write_text(f"#!/bin/sh\nprintf '{_TOO_OLD[program]}' >&2\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    done = run(in_book, "backup", tmp_path / "today.tar")
    assert error(done) == "program_too_old"
    message = json.loads(done.stdout)["message"]
    assert message.startswith(f"{program} is too old: ")
    assert "version" in message
    assert "postgresql-client-NN" in message
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


@pytest.mark.postgresql
def test_of_several_servers_the_one_that_answers_is_backed_up(settings: Settings, tmp_path: Path) -> None:
    url = settings.database_url.replace("?host=", "?host=/nonexistent&host=")
    with application(replace(settings, database_url=url)) as app, app.app_context():
        assert current_services().settings.database_url == url
        done = run(app, "backup", tmp_path / "today.tar")
    assert done.exit_code == 0, done.output


def test_what_an_older_server_does_not_know_is_left_out_of_the_head_of_a_dump() -> None:
    head = b"SET lock_timeout = 0;\nSET transaction_timeout = 0;\nCREATE TABLE a (b text);\n"
    rows = b"COPY a FROM stdin;\nSET transaction_timeout = 0;\n\\.\n"
    written = io.BytesIO()
    postgres_return.copy(io.BytesIO(head + rows), written)
    assert written.getvalue() == head.replace(b"SET transaction_timeout = 0;\n", b"") + rows
