"""`flask privacy export`: everything that is kept about one person, for the owner of the file alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.samples.known_person import ADDRESS, SIGNS, Known, signs_in
from tests.support.samples.users import add_user
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import AuditEntry, User


@pytest.fixture
def known(connection_id: int, sandbox: SandboxServer, administrator: User) -> Known:
    found = Known(connection_id, sandbox, administrator.id)
    found.goes_through_everything()
    return found


@pytest.mark.usefixtures("known")
def test_all_of_it_is_in_one_file_that_nobody_else_reads(in_app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    done = in_app.test_cli_runner().invoke(args=["privacy", "export", ADDRESS, "--file", str(path)])
    assert done.exit_code == 0, done.output
    assert path.stat().st_mode & 0o777 == 0o600
    kept = json.loads(path.read_text())["kept"]
    assert {"record", "links", "log", "edits", "merges", "events", "files", "mentions"} <= kept.keys()
    assert set(signs_in(path.read_text())) == set(SIGNS)
    assert "max@birke.de" not in path.read_text()
    assert "record_edits" not in {row["table"] for row in kept["mentions"]}
    assert pulling.all_rows(AuditEntry)[-1].action == "person_exported"


@pytest.mark.one_database
def test_a_file_that_is_there_is_not_overwritten(known: Known, in_app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "person.json"
    path.write_text("mine")
    arguments = ["privacy", "export", str(known.record_id), "--file", str(path), "--json"]
    refused = in_app.test_cli_runner().invoke(args=arguments)
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (1, "file_exists")
    assert path.read_text() == "mine"


@pytest.mark.one_database
def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left_of_it(
    in_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_user(in_app, "ada@example.org", "Ada Beispiel", "member")

    def refusal(path: Path) -> str:
        arguments = ["privacy", "export", "ada@example.org", "--file", str(path), "--json"]
        done = in_app.test_cli_runner().invoke(args=arguments)
        assert done.exit_code == 1
        return str(json.loads(done.stdout)["error"])

    assert refusal(tmp_path / "none" / "person.json") == "file_unwritable"
    opened, full = os.open, os.open("/dev/full", os.O_WRONLY)
    path = tmp_path / "person.json"

    def on_a_full_disk(file: Any, *given: Any, **more: Any) -> int:
        handle = opened(file, *given, **more)
        return os.dup2(full, handle) if file == path else handle

    monkeypatch.setattr(os, "open", on_a_full_disk)
    assert (refusal(path), path.exists()) == ("file_unwritable", False)
    os.close(full)


def test_an_account_is_exported_without_its_secrets(in_app: Flask) -> None:
    add_user(in_app, "ada@example.org", "Ada Beispiel", "member")
    done = in_app.test_cli_runner().invoke(args=["privacy", "export", "ada@example.org"])
    [account] = json.loads(done.stdout)["kept"]["account"][:1]
    assert account["name"] == "Ada Beispiel"
    assert "password_hash" not in account
