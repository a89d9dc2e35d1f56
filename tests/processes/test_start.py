"""What a program refuses, or warns of, when it starts, and how it keeps its files."""

from __future__ import annotations

import fcntl
import os
import shlex
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text

from tests.support.applications.app import PYTHON_PATH, ROOT, SECRET_KEY, migrate, program_environment
from tests.support.applications.program import Ended, run_to_end
from webapp.errors import SettingsError
from webapp.installation import private_files
from webapp.installation.doubtful_settings import Doubt, doubts, is_loopback, refuse_unsafe, unknown
from webapp.settings import Settings, complete

OURS = Settings(secret_key=SECRET_KEY)
PUBLIC = replace(OURS, public_url="https://book.example.com")


@pytest.mark.parametrize("key", ["secret", "changeme" * 3, "0" * 64, "ababab" * 10])
def test_a_weak_key_is_refused_where_others_reach_it_and_warned_of_elsewhere(key: str) -> None:
    with pytest.raises(SettingsError, match=r"SECRET_KEY: expected at least 32 random characters"):
        refuse_unsafe(replace(PUBLIC, secret_key=key))
    here = replace(OURS, secret_key=key)
    refuse_unsafe(here)
    assert doubts(here, ()) == [Doubt("secret_key_weak", "SECRET_KEY")]


def test_a_key_that_we_make_is_strong() -> None:
    refuse_unsafe(PUBLIC)
    assert doubts(PUBLIC, ()) == []


@pytest.mark.parametrize("url", ["http://api.hubapi.com", "http://10.0.0.7:8090", "http://localhost.example"])
def test_tokens_are_not_sent_unencrypted_to_another_machine(url: str) -> None:
    with pytest.raises(SettingsError, match="HUBSPOT_API_URL: expected an address with https://"):
        refuse_unsafe(replace(OURS, hubspot_api_url=url))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8090", "http://[::1]:1", "http://portal.localhost"])
def test_a_portal_on_this_machine_may_do_without_encryption(url: str) -> None:
    refuse_unsafe(replace(PUBLIC, hubspot_api_url=url))


def test_an_address_that_others_open_unencrypted_is_warned_of() -> None:
    found = doubts(replace(PUBLIC, public_url="http://book.example.com"), ())
    assert found == [Doubt("public_url_unencrypted", "PUBLIC_URL")]


def test_names_that_look_like_settings_and_are_none_are_found() -> None:
    names = [
        *(
            "HUBSPOT_TOKEN",
            "MAIL_SEVER",
            "DATABASE_URI",
            "TWINBOOK_DEBUG",
            "SECRET_KEYS",
            "LOG_RETENTION_DAY",
        ),
        # Nobody's business, or ours and known.
        *(
            "PATH",
            "MAIL",
            "LOG_LEVEL",
            "DATABASE_HOST",
            "SENTRY_ENVIRONMENT",
            "PUBLIC_DIR",
            "SECRET_KEY_FILE",
        ),
        *("SECRET_KEY", "HUBSPOT_API_URL"),
    ]
    assert unknown(names) == [
        ("DATABASE_URI", "DATABASE_URL"),
        ("HUBSPOT_TOKEN", None),
        ("LOG_RETENTION_DAY", "LOG_RETENTION_DAYS"),
        ("MAIL_SEVER", "MAIL_SERVER"),
        ("SECRET_KEYS", "SECRET_KEY"),
        ("TWINBOOK_DEBUG", None),
    ]


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("127.1.2.3", True), ("::1", True), ("LOCALHOST.", False), ("localhost.", True), (None, False)],
)
def test_this_machine_is_told_by_its_addresses(host: str | None, *, is_here: bool) -> None:
    assert is_loopback(host) is is_here


def started(*command: str, folder: Path, **environment: str) -> Ended:
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": PYTHON_PATH, **environment}
    return run_to_end(command, environment=given, folder=folder)


UPGRADE = ("flask", "--app", "webapp", "db", "upgrade")
_PROGRAMS = {
    "web": (
        "gunicorn",
        "-c",
        str(ROOT / "gunicorn.conf.py"),
        "--bind",
        "127.0.0.1:0",
        "webapp:create_app()",
    ),
    "workers": (str(ROOT / "worker.py"),),
    "command": ("flask", "--app", "webapp", "version"),
}


@pytest.mark.parametrize("name", _PROGRAMS)
def test_every_program_refuses_in_one_line_what_is_not_safe(tmp_path: Path, name: str) -> None:
    ended = started(*_PROGRAMS[name], folder=tmp_path, HUBSPOT_API_URL="http://api.hubapi.com")
    lines = [
        one
        for one in ended.stderr.splitlines()
        if "[INFO]" not in one and not one.startswith(("Usage", "Try", " "))
    ]
    assert ended.returncode != 0
    assert [one for one in lines if one] == [next(one for one in lines if "HUBSPOT_API_URL: expected" in one)]


def test_a_command_warns_and_keeps_what_it_makes_to_itself(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    (folder / "older.txt").write_text("x")
    (folder / "older.txt").chmod(0o644)
    ended = started(
        *UPGRADE,
        folder=tmp_path,
        INSTANCE_PATH=str(folder),
        HUBSPOT_TOKEN="pat-na1-mistaken",
    )
    assert ended.returncode == 0, ended.stderr
    assert '"name": "HUBSPOT_TOKEN"' in ended.stderr
    assert "pat-na1-mistaken" not in ended.stderr
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert {"instance", "older.txt", "twinbook.db", "secret_key"} <= found.keys()
    assert [name for name, mode in found.items() if mode & 0o077] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    nobody, folder, elsewhere = 65534, tmp_path / "instance", tmp_path / "elsewhere"
    for path in (folder, elsewhere):
        path.mkdir()
    os.chown(folder, nobody, nobody)
    (elsewhere / "a").touch()
    (elsewhere / "b").touch()
    (folder / "link").symlink_to(elsewhere / "a")
    os.link(elsewhere / "b", folder / "second name")
    # In an interpreter of its own, since files are given away when that ends.
    ended = subprocess.run(
        [sys.executable, "-m", *UPGRADE],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "INSTANCE_PATH": str(folder)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    owners = {path.name: path.lstat().st_uid for path in folder.iterdir()}
    assert {"twinbook.db", "encryption_key", "secret_key"} <= owners.keys()
    assert {name for name, owner in owners.items() if owner != nobody} == {"link", "second name"}
    assert {path.stat().st_uid for path in elsewhere.iterdir()} == {0}


def test_a_command_speaks_to_every_terminal_and_without_any(tmp_path: Path) -> None:
    """In a locale without its letters a name is written by their numbers; a closed input is an empty one."""

    def flask(
        *arguments: str, closes: int | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        closing = f"exec {closes}<&-; " if closes is not None else ""
        command = shlex.join([sys.executable, "-m", "flask", "--app", "webapp", *arguments])
        return subprocess.run(
            ["/bin/sh", "-c", f"{closing}exec {command}"],
            env=os.environ | {"INSTANCE_PATH": str(tmp_path), "PYTHONPATH": PYTHON_PATH} | environment,
            cwd=tmp_path,
            input="correct horse battery staple 9\n",
            capture_output=True,
            text=True,
            check=False,
        )

    migrate(f"sqlite:///{tmp_path}/twinbook.db", tmp_path)
    assert flask("users", "add", "l@example.com", "--name", "Łukasz").returncode == 0
    listed = flask("users", "list", PYTHONIOENCODING="latin-1")
    assert (listed.returncode, "\\u0141ukasz" in listed.stdout) == (0, True), listed.stderr
    refused = flask("users", "password", "l@example.com", closes=0)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False), refused.stderr


def test_a_folder_of_everybodys_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    private_files.close_to_others(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_an_upgrade_of_a_database_that_is_away_says_so_in_one_line(tmp_path: Path) -> None:
    ended = started(
        *UPGRADE,
        folder=tmp_path,
        DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/none",
    )
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert line.startswith("Error: connection failed")
    assert line.endswith("correct DATABASE_URL. Then repeat this: it goes on where it stopped.")


def test_an_upgrade_of_what_a_newer_program_has_made_says_so_in_one_line(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "newer.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()
    ended = started(*UPGRADE, folder=tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/newer.db")
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert line.startswith("Error: The database is at version 9999, which this program (")
    assert line.endswith("Nothing was changed.")


@pytest.mark.postgresql
def test_an_upgrade_by_somebody_who_does_not_own_the_database_says_so_in_one_line(
    settings: Settings, tmp_path: Path
) -> None:
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE visitor LOGIN"))
        connection.execute(text("GRANT SELECT ON alembic_version TO visitor"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0055'"))
    try:
        of_visitor = replace(settings, database_url=settings.database_url.replace("postgres:", "visitor:"))
        ended = started(*UPGRADE, folder=tmp_path, **program_environment(of_visitor))
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP OWNED BY visitor"))
            connection.execute(text("DROP ROLE visitor"))
        engine.dispose()
    line = ended.stderr.splitlines()[-1]
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert "must be owner of table" in line
    assert "Make the user of DATABASE_URL the owner" in line


def test_a_folder_that_takes_nothing_ends_a_demo_in_one_line(tmp_path: Path) -> None:
    ended = started("webapp.launch", "demo", "--folder", "/proc/none/demo", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.strip() == "Cannot write to /proc/none: No such file or directory."


def test_a_second_serve_in_one_folder_is_refused(tmp_path: Path) -> None:
    """It would take the queue server away from the first, once it ends."""
    with (tmp_path / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = started("webapp.launch", "serve", folder=tmp_path, INSTANCE_PATH=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.strip().startswith(f"Twinbook runs already with {tmp_path}; stop it first")


def test_a_key_file_that_lost_its_key_is_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "encryption_key").touch()
    with pytest.raises(SettingsError, match=r"encryption_key is not empty: copy it from a backup"):
        complete(Settings(instance_path=tmp_path))
    assert (tmp_path / "encryption_key").read_text() == ""


def test_a_key_file_holds_several_keys_while_they_are_changed(tmp_path: Path) -> None:
    keys = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    file = tmp_path / "encryption_key"
    file.write_text(",".join(keys) + "\n")
    assert complete(Settings(instance_path=tmp_path)).encryption_key == keys
    file.write_text("no key")
    with pytest.raises(SettingsError, match="ENCRYPTION_KEY: expected 32 random bytes"):
        complete(Settings(instance_path=tmp_path))
