"""A command ends with a sentence, never a traceback, where the database is not at this version."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from tests.support.applications.app import ROOT, application, make_settings, program_environment
from tests.support.applications.program import run_to_end
from tests.support.applications.services import change_services, current_services
from tests.support.servers.redis_server import absent_redis
from webapp.commands.command import Command
from webapp.settings import Settings
from webapp.store.operating.version import is_outdated

pytestmark = pytest.mark.one_database

# What needs no database, and why; Flask's own commands and those of the migrations are not ours.
WITHOUT = {
    "version": "says what this program is",
    "check": "says it of each part, with a test of its own",
    "backup": "takes a database of any version, and refuses an empty one in its own words",
    "restore": "is for an empty database, too",
}
# What refuses the arguments given here before it asks the database, so that their sentence is another one.
REFUSE_FIRST = {"connect", "keys", "records"}
FOREIGN = {"db", "routes", "run", "shell"}
SAYS = "flask --app webapp db upgrade"
_VALUES = {"email": "a@example.com", "object_type": "companies", "name": "Ada", "format": "csv"}


@pytest.fixture
def empty(tmp_path: Path, redis_url: str) -> Iterator[Flask]:
    """An application whose database has no tables."""
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path}/empty.db", redis_url=redis_url)
    with application(settings) as app:
        yield app


def _commands(app: Flask) -> Iterator[tuple[list[str], click.Command]]:
    context = click.Context(app.cli)
    for name in app.cli.list_commands(context):
        command = app.cli.get_command(context, name)
        assert command is not None
        if name in FOREIGN:
            continue
        if isinstance(command, click.Group):
            yield from (([name, below], one) for below, one in command.commands.items())
        else:
            yield [name], command


def _arguments(command: click.Command, file: Path) -> list[str]:
    """Arguments that a command takes: what it requires, and nothing that leaves it without work."""
    given: list[str] = []
    for one in command.params:
        value = _value(one, file)
        if isinstance(one, click.Argument):
            given.append(value)
        elif isinstance(one, click.Option) and (one.required or one.opts[0] in ("--all", "--yes")):
            given += [one.opts[0]] if one.is_flag else [one.opts[0], value]
    return given


def _value(one: click.Parameter, file: Path) -> str:
    if isinstance(one.type, click.Choice):
        return str(one.type.choices[0])
    if isinstance(one.type, click.types.IntParamType | click.IntRange):
        return "1"
    if isinstance(one.type, click.Path | click.File):
        return str(file)
    return _VALUES.get(one.name or "", "1")


@pytest.mark.parametrize("as_json", [False, True])
def test_before_the_database_is_made_every_command_says_how_to_make_it(
    empty: Flask, tmp_path: Path, *, as_json: bool
) -> None:
    for arguments, done in _called(empty, tmp_path, as_json=as_json):
        assert SAYS in _sentence(done, as_json=as_json), arguments


@pytest.mark.parametrize("as_json", [False, True])
def test_where_a_newer_program_has_left_nothing_of_ours_every_command_says_so(
    empty: Flask, tmp_path: Path, *, as_json: bool
) -> None:
    _set_version(empty, "9999")
    others = {
        arguments[0]
        for arguments, done in _called(empty, tmp_path, as_json=as_json)
        if done.exit_code != 1 or "A newer version of this program" not in _sentence(done, as_json=as_json)
    }
    assert others <= REFUSE_FIRST


def test_where_a_newer_program_has_upgraded_what_still_works_says_so(app: Flask) -> None:
    _set_version(app, "9999")
    done = app.test_cli_runner().invoke(args=["users", "list", "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"users": []})
    assert done.stderr.startswith("Warning: A newer version of this program")


def _set_version(app: Flask, version: str) -> None:
    with app.app_context(), current_services().database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})


def _called(app: Flask, folder: Path, *, as_json: bool) -> Iterator[tuple[list[str], Result]]:
    """Every command of ours that needs the database, called, and how it ended."""
    file = folder / "given"
    file.write_text("{}")
    tried = 0
    for names, command in _commands(app):
        if " ".join(names) in WITHOUT:
            continue
        takes_json = any(one.name == "as_json" for one in command.params)
        if as_json and not takes_json:
            continue
        arguments = [*names, *_arguments(command, file), *(["--json"] if as_json else [])]
        yield arguments, app.test_cli_runner().invoke(args=arguments, input="a long password\n")
        tried += 1
    assert tried > 10


def _sentence(done: Result, *, as_json: bool) -> str:
    """The one that a command was refused with."""
    assert done.exit_code == 1, (done.output, done.exception)
    assert isinstance(done.exception, SystemExit), done.exception
    sentence = json.loads(done.stdout)["message"] if as_json else done.stderr
    assert isinstance(sentence, str)
    return sentence


def test_a_database_of_an_earlier_version_is_none_and_that_of_a_later_one_is_taken(in_app: Flask) -> None:
    engine = current_services().database.engine
    assert not is_outdated(engine)
    for version, expected in (("0029", True), ("9999", False)):
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :version"), {"version": version}
            )
        assert is_outdated(engine) is expected, version
    assert in_app


def test_where_redis_is_away_a_command_that_needs_it_says_so(app: Flask) -> None:
    change_services(app, redis=absent_redis())
    done = app.test_cli_runner().invoke(args=["status"])
    assert done.exit_code in (0, 1)
    assert "Traceback" not in done.output


def test_every_command_refuses_in_the_same_way(app: Flask) -> None:
    assert [names for names, command in _commands(app) if not isinstance(command, Command)] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["pull", "--wrong"],
        ["users", "add"],
        ["runs", "show", "x"],
        ["users", "role", "a@b.de", "boss"],
        ["runs", "none"],
        # More than a database counts, and bytes that are no text.
        *(["runs", action, "9" * 30] for action in ("show", "cancel", "undo")),
        ["privacy", "export", "\udcff@example.com"],
        ["pull", "--as", "\udcff"],
        ["records", "delete", "companies", "--all", "--search", "\udcff"],
    ],
)
def test_wrong_use_is_one_line_and_for_a_script_one_object(app: Flask, arguments: list[str]) -> None:
    plain = app.test_cli_runner().invoke(args=arguments)
    assert (plain.exit_code, plain.stdout, plain.stderr.count("\n")) == (2, "", 1)
    assert "--help" in plain.stderr
    as_json = app.test_cli_runner().invoke(args=[*arguments, "--json"])
    assert (as_json.exit_code, as_json.stderr) == (2, "")
    assert json.loads(as_json.stdout)["error"] == "usage"


def test_no_command_takes_a_number_that_no_database_counts(app: Flask) -> None:
    unlimited = [
        (names, one.name)
        for names, command in _commands(app)
        for one in command.params
        if type(one.type) is click.types.IntParamType
    ]
    assert unlimited == []


@pytest.mark.parametrize(
    "arguments", [["users", "add", "a@example.com", "--name", "Ada"], ["connect", "--token-stdin"]]
)
def test_an_input_that_is_no_text_is_refused_in_one_line(app: Flask, arguments: list[str]) -> None:
    done = app.test_cli_runner().invoke(args=arguments, input=b"caf\xe9 caf\xe9 caf\xe9\n")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    as_json = app.test_cli_runner().invoke(args=[*arguments, "--json"], input=b"caf\xe9 caf\xe9 caf\xe9\n")
    assert json.loads(as_json.stdout)["error"] == "usage"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(["pull"], "refused"), (["runs", "show", "7"], "refused"), (["duplicates", "scan"], "not_connected")],
)
def test_a_refusal_is_one_line_and_for_a_script_one_object(
    app: Flask, arguments: list[str], error: str
) -> None:
    plain = app.test_cli_runner().invoke(args=arguments)
    assert (plain.exit_code, plain.stdout, plain.stderr.count("\n")) == (1, "", 1)
    as_json = app.test_cli_runner().invoke(args=[*arguments, "--json"])
    assert (as_json.exit_code, json.loads(as_json.stdout)["error"]) == (1, error)


def test_a_wrong_setting_is_one_line_and_for_a_script_one_object(settings: Settings) -> None:
    environment = program_environment(settings) | {"MAIL_PORT": "many"}
    command = ["flask", "--app", "webapp", "status"]
    plain = run_to_end(command, environment=environment, folder=ROOT)
    assert (plain.returncode, plain.stdout) == (2, "")
    assert plain.stderr == "Error: MAIL_PORT: expected a whole number from 1 to 65535\n"
    as_json = run_to_end([*command, "--json"], environment=environment, folder=ROOT)
    assert (as_json.returncode, json.loads(as_json.stdout)["error"]) == (2, "settings")


def test_a_command_imports_neither_pages_nor_what_only_others_need(settings: Settings) -> None:
    code = "import sys; sys.argv = ['flask', '--app', 'webapp', 'version']; from flask.cli import main\n"
    code += "try: main()\nexcept SystemExit: print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=program_environment(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ended.stdout.split())
    assert "webapp.commands.version" in loaded
    assert (
        loaded & {"webapp.web", "webapp.jobs", "zxcvbn", "phonenumbers", "sentry_sdk", "requests", "rq"}
        == set()
    )
