"""A backup is whole while everything goes on, and what it holds comes back, on either database."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
import threading
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Timer

import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import delete, func, select, text

from tests.support.applications.app import application
from tests.support.applications.services import change_services, current_services, reading, writing
from tests.support.faults.kills import PowerCutError
from tests.support.samples.factories import make_company, make_connection
from tests.support.servers.redis_server import absent_redis
from tests.support.usecases.connecting import change_settings
from webapp.app import services_of
from webapp.errors import RefusedError
from webapp.models import AuditEntry, Company, Connection, LoginSession
from webapp.models.people.users import User
from webapp.settings import Settings
from webapp.store.operating import sqlite_copy
from webapp.store.people import sessions
from webapp.usecases.operating import restore
from webapp.usecases.runs import machinery
from webapp.vault import Vault

_MOVE = text("UPDATE companies SET city = :city WHERE id = :id")


@pytest.fixture
def has_own_app() -> bool:
    return True


@pytest.fixture
def instance_path(tmp_path: Path) -> Path:
    return tmp_path / "instance"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.tar"


@pytest.fixture
def in_book(in_app: Flask) -> Flask:
    for number in range(3):
        make_company(name=f"Company {number}")
    return in_app


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(one) for one in args])


def answer(done: Result) -> dict[str, object]:
    found: dict[str, object] = json.loads(done.stdout)
    return found


def companies() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Company.name).order_by(Company.id)))


def empty() -> None:
    with writing() as session:
        session.execute(delete(Company))


def test_what_a_backup_holds_comes_back(in_book: Flask, file: Path) -> None:
    done = run(in_book, "backup", file, "--json")
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    counts = answer(done)["counts"]
    assert isinstance(counts, dict)
    assert counts["companies"] == 3
    empty()
    done = run(in_book, "restore", file, "--json")
    assert (done.exit_code, answer(done)["kept"]) == (0, None), done.output
    assert companies() == ["Company 0", "Company 1", "Company 2"]
    with reading() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["restored"]


def test_only_a_yes_replaces_what_is_here_and_that_is_kept(in_book: Flask, file: Path) -> None:
    run(in_book, "backup", file)
    make_company(name="Since")
    done = run(in_book, "restore", file, "--json")
    assert (done.exit_code, answer(done)["error"], len(companies())) == (1, "restore_needs_yes", 4)
    done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, len(companies())) == (0, 3), done.output
    kept = Path(str(answer(done)["kept"]))
    assert run(in_book, "restore", kept, "--yes", "--discard").exit_code == 0
    assert len(companies()) == 4


def test_a_backup_of_a_book_that_is_written_to_is_of_one_moment(in_book: Flask, tmp_path: Path) -> None:
    """Every transaction gives two companies the same city, in two statements."""
    stop, services = threading.Event(), current_services()

    def write() -> None:
        for number in count():
            with services.database.writing() as session:
                for company_id in (1, 2):
                    session.execute(_MOVE, {"city": str(number), "id": company_id})
            if stop.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    files = [tmp_path / f"{number}.tar" for number in range(3)]
    done = [run(in_book, "backup", file).exit_code for file in files]
    stop.set()
    writer.join()
    assert done == [0, 0, 0]
    for file in files:
        assert run(in_book, "restore", file, "--yes", "--discard").exit_code == 0
        with reading() as session:
            cities = session.scalars(select(Company.city).where(Company.id < 3)).all()
        assert len(set(cities)) == 1


@pytest.mark.sqlite
def test_where_no_room_is_left_nothing_is_copied_and_it_says_so(in_book: Flask, file: Path) -> None:
    engine, folder = current_services().database.engine, file.parent / "full"
    assert in_book
    folder.mkdir()
    (folder / sqlite_copy.NAME).symlink_to("/dev/full")
    with pytest.raises(RefusedError, match="backup_unwritable"), sqlite_copy.frozen_copy(engine, folder):
        pass


@pytest.mark.one_database
def test_a_file_that_is_there_is_not_overwritten(in_book: Flask, file: Path) -> None:
    file.write_text("mine")
    done = run(in_book, "backup", file, "--json")
    assert (done.exit_code, answer(done)["error"], file.read_text()) == (1, "backup_exists", "mine")
    assert [one.name for one in file.parent.iterdir() if one.name.startswith(".")] == []


def test_a_damaged_backup_is_refused_and_changes_nothing(in_book: Flask, file: Path) -> None:
    run(in_book, "backup", file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["error"], len(companies())) == (1, "backup_damaged", 3)
    file.write_bytes(content[: len(content) // 3])
    assert answer(run(in_book, "restore", file, "--yes", "--json"))["error"] == "backup_damaged"


def test_a_backup_whose_list_of_contents_was_changed_is_refused_before_anything_is_replaced(
    in_book: Flask, file: Path
) -> None:
    run(in_book, "backup", file)
    make_company(name="Since")
    content = file.read_bytes()
    assert content.count(b'"companies": 3,') == 1
    file.write_bytes(content.replace(b'"companies": 3,', b'"companies": 2,'))
    done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["error"], len(companies())) == (1, "backup_damaged", 4)


@pytest.mark.one_database
def test_an_archive_whose_links_lead_in_a_circle_is_refused(in_book: Flask, file: Path) -> None:
    with tarfile.open(file, "w") as archive:
        link = tarfile.TarInfo("manifest.json")
        link.type, link.linkname = tarfile.SYMTYPE, "manifest.json"
        archive.addfile(link)
    done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["error"]) == (1, "backup_damaged")


@pytest.mark.one_database
def test_a_file_that_is_no_backup_is_refused_with_what_it_is(in_book: Flask, file: Path) -> None:
    def error() -> object:
        return answer(run(in_book, "restore", file, "--yes", "--json"))["error"]

    assert error() == "backup_absent"
    for content in (b"", b"no archive", gzip.compress(b"an archive")):
        file.write_bytes(content)
        assert error() == "backup_foreign"
    file.unlink()
    file.symlink_to(file)
    assert error() == "backup_unreadable"


def test_a_backup_of_another_version_is_refused_with_what_to_do(in_book: Flask, file: Path) -> None:
    with writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0038'"))
    assert run(in_book, "backup", file).exit_code == 0
    done = run(in_book, "restore", file, "--yes")
    assert (done.exit_code, "0038" in done.stderr, "then upgrade" in done.stderr) == (1, True, True)


def test_while_workers_work_nothing_is_restored(in_book: Flask, file: Path) -> None:
    run(in_book, "backup", file)
    with machinery.worker_sign(current_services(), ("now",)):
        done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["error"]) == (1, "workers_run")


def test_while_another_process_has_the_database_nothing_is_restored(in_book: Flask, file: Path) -> None:
    run(in_book, "backup", file)
    with application(current_services().settings) as other, other.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Company)) == 3
        done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["error"], len(companies())) == (1, "database_in_use", 3)


@pytest.mark.postgresql
def test_a_connection_that_is_ending_is_waited_for(in_book: Flask, file: Path) -> None:
    run(in_book, "backup", file)
    with application(current_services().settings) as other:
        engine = services_of(other).database.engine
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
        leaving = Timer(0.3, engine.dispose)
        leaving.start()
        done = run(in_book, "restore", file, "--yes")
        leaving.join()
    assert done.exit_code == 0, done.output


def test_sessions_that_were_ended_since_do_not_come_back(
    in_book: Flask, file: Path, administrator: User
) -> None:
    with writing() as session:
        now = session.scalar(select(func.max(Company.created_at)))
        assert now is not None
        sessions.begin(session, administrator.id, "token", now, address="", browser=("", ""))
    run(in_book, "backup", file)
    assert run(in_book, "restore", file, "--yes").exit_code == 0
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(LoginSession)) == 0


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """The settings of another machine, which has made keys of its own and has an empty database."""
    keys = tmp_path / "elsewhere"
    keys.mkdir()
    (keys / "encryption_key").write_text(Fernet.generate_key().decode())
    (keys / "secret_key").write_text("1" * 64)
    own = (keys / "encryption_key").read_text()
    return replace(settings, instance_path=keys, encryption_key=(own,), secret_key="1" * 64)


@pytest.mark.one_database
def test_another_machine_takes_the_keys_from_the_backup(
    in_book: Flask, file: Path, elsewhere: Settings, settings: Settings
) -> None:
    run(in_book, "backup", file, "--with-keys")
    with tarfile.open(file) as content:
        assert {"encryption_key", "secret_key"} <= set(content.getnames())
    change_settings(in_book, instance_path=elsewhere.instance_path)
    change_services(in_book, vault=Vault(elsewhere.encryption_key))
    done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["has_new_keys"]) == (0, True), done.output
    folder = elsewhere.instance_path
    assert (folder / "encryption_key").read_text() == settings.encryption_key[0]
    assert (folder / "encryption_key").stat().st_mode & 0o777 == 0o600
    assert (folder / "encryption_key.before-restore").read_text() == elsewhere.encryption_key[0]


def test_without_a_key_that_reads_the_tokens_nothing_is_restored(
    in_book: Flask, file: Path, elsewhere: Settings
) -> None:
    run(in_book, "backup", file)
    change_services(in_book, vault=Vault(elsewhere.encryption_key))
    done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["error"], len(companies())) == (1, "backup_key_missing", 3)
    empty()
    done = run(in_book, "restore", file, "--forget-tokens", "--json")
    assert (done.exit_code, len(companies())) == (0, 3), done.output
    with reading() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["restored", "key_forgotten"]
    with application(replace(elsewhere, redis_url=current_services().settings.redis_url)):
        """The key of that machine is the database's now: none other is asked for."""


@pytest.mark.one_database
def test_without_redis_a_backup_is_made_and_restored(in_book: Flask, file: Path) -> None:
    change_services(in_book, redis=absent_redis())
    assert run(in_book, "backup", file).exit_code == 0
    empty()
    assert run(in_book, "restore", file).exit_code == 0
    assert len(companies()) == 3


@pytest.mark.postgresql
def test_a_restore_that_breaks_off_in_the_middle_leaves_everything_as_it_was(
    in_book: Flask, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was read of the backup is whole statements, which alone would be taken."""
    assert run(in_book, "backup", file).exit_code == 0
    make_company(name="Since")
    real = shutil.which("pg_restore")
    broken = tmp_path / "bin" / "pg_restore"
    broken.parent.mkdir()
    broken.write_text(
        f"""#!/bin/sh
case "$*" in *--list*|*--data-only*) exec {real} "$@";; esac
{real} "$@" | sed '/^COPY /,$d'
echo 'pg_restore: error: could not read from input file' >&2
exit 1
"""
    )
    broken.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")
        done = run(in_book, "restore", file, "--yes", "--json")
    assert (done.exit_code, answer(done)["error"]) == (1, "restore_failed"), done.output
    assert "could not read from input file" in str(answer(done)["message"])
    assert len(companies()) == 4
    assert run(in_book, "restore", file, "--yes", "--discard").exit_code == 0
    assert len(companies()) == 3


def test_a_restore_that_is_killed_as_soon_as_the_copy_is_there_lets_no_session_come_back(
    in_book: Flask, file: Path, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = make_connection().id
    with writing() as session:
        now = datetime.now(UTC)
        sessions.begin(session, administrator.id, "token", now, address="", browser=("", ""))
        session.get_one(Connection, connection_id).first_pull_finished_at = now
    assert run(in_book, "backup", file).exit_code == 0

    def die(*_: object) -> None:
        raise PowerCutError

    monkeypatch.setattr(restore, "_finish", die)
    with pytest.raises(PowerCutError):
        in_book.test_cli_runner().invoke(args=["restore", str(file), "--yes"], catch_exceptions=False)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(LoginSession)) == 0
        assert session.get_one(Connection, connection_id).restored_at is not None


@pytest.mark.postgresql
def test_without_the_programs_of_postgresql_it_says_what_to_install(
    in_book: Flask, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run(in_book, "backup", file)
    assert (done.exit_code, "postgresql-client" in done.stderr) == (1, True)
