"""What is logged of an error says where it happened and why, and quotes nobody."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator

import msgspec
import pytest
import requests
import structlog
from flask import Flask
from sqlalchemy import String, bindparam, column, func, insert, literal, select, text
from sqlalchemy.types import TypeDecorator

from tests.support.applications.app import ROOT, program_environment
from tests.support.applications.services import writing
from tests.support.clocks.patience import PATIENCE_S
from webapp.errors import RefusedError, TwinbookError
from webapp.hubspot.errors import ValidationFailed
from webapp.installation import logs
from webapp.installation.bare_errors import named, text_of, traceback_of
from webapp.models import User
from webapp.settings import Settings

EVE = "Eve 4711 <eve@example.com>"


class OwnError(TwinbookError):
    def __init__(self, who: str) -> None:
        super().__init__(f"the address of {who} is not known here")


class WordlessError(Exception):
    def __str__(self) -> str:
        raise ValueError(EVE)


class Kept(msgspec.Struct):
    city: int


def _raise(error: BaseException) -> None:
    raise error


def _note() -> None:
    error = ValueError("broken")
    error.add_note(EVE)
    raise error


def _chain() -> None:
    try:
        int(EVE)
    except ValueError as error:
        raise RuntimeError(EVE) from error


def _during() -> None:
    try:
        int(EVE)
    except ValueError:
        _raise(LookupError(EVE))


def _together() -> None:
    raise ExceptionGroup(EVE, [ValueError(EVE), OwnError(EVE)])


SURPRISES: dict[str, tuple[Callable[[], object], str]] = {
    "number": (lambda: int(EVE), "ValueError: …"),
    "key": (lambda: dict[str, str]()[EVE], "KeyError: …"),
    "attribute": (lambda: getattr(object(), EVE), "AttributeError: 'object' object has no attribute '…'"),
    "our_attribute": (lambda: Kept(1).town, "'Kept' object has no attribute 'town'"),  # type: ignore[attr-defined]
    "module": (lambda: __import__(EVE), "ModuleNotFoundError: cannot find '…'"),
    "argument": (lambda: _note(**{EVE: 1}), "TypeError: …"),
    "types": (lambda: 1 + None, "unsupported operand type(s) for +: 'int' and 'NoneType'"),  # type: ignore[operator]
    "words": (lambda: _raise(ValueError(f"no kind of {EVE} at all")), "ValueError: …"),
    "bytes": (lambda: EVE.encode().join([b"\xff"]).decode(), "UnicodeDecodeError: …"),
    "file": (lambda: open(f"/nowhere/{EVE}"), "FileNotFoundError: [ENOENT] No such file or directory"),  # noqa: SIM115, PTH123
    "json": (lambda: json.loads(EVE), "JSONDecodeError: Expecting value"),
    "shape": (
        lambda: msgspec.json.decode(b'{"city": "x"}', type=Kept),
        "Expected `int`, got `str` - at `$.city`",
    ),
    "enum": (lambda: msgspec.convert(EVE, type=int), "ValidationError: Expected `int`, got `str`"),
    "web": (
        lambda: requests.get(f"http://127.0.0.1:1/{EVE}", params={"email": EVE}, timeout=PATIENCE_S),
        "requests.exceptions.ConnectionError: …",
    ),
    "ours": (lambda: _raise(OwnError(EVE)), "OwnError: the address of … is not known here"),
    "reason": (lambda: _raise(RefusedError("email_taken", email=EVE)), "RefusedError: email_taken"),
    "hubspot": (lambda: _raise(ValidationFailed(EVE, status=400)), "ValidationFailed: validation_failed"),
    "wordless": (lambda: _raise(WordlessError()), "WordlessError: …"),
    "note": (_note, "ValueError: broken"),
    "chain": (_chain, "direct cause"),
    "during": (_during, "another exception occurred"),
    "group": (_together, "Part 2 of 2"),
}


def _surprise(cause: Callable[[], object]) -> Exception:
    try:
        cause()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.one_database
@pytest.mark.parametrize("kind", SURPRISES)
def test_a_surprise_is_told_with_its_place_and_without_a_value(kind: str) -> None:
    cause, expected = SURPRISES[kind]
    shown = traceback_of(_surprise(cause))
    assert expected in shown
    assert "in _surprise" in shown
    assert "eve@example.com" not in shown
    assert "4711" not in shown


@pytest.mark.one_database
def test_what_the_code_says_itself_is_said_though_a_value_stands_in_it() -> None:
    def fail(who: str) -> None:
        raise ValueError(f"there is no mapping for {who}, nor will there be")

    error = _surprise(lambda: fail(EVE))
    assert named(error) == "ValueError: there is no mapping for …, nor will there be"


@pytest.mark.one_database
def test_a_value_is_not_spelled_out_of_short_texts_of_the_code() -> None:
    def fail(who: str) -> None:
        if who in {"Eve", "4711", "<eve@example.com>", " "}:
            return
        raise ValueError(who)

    assert text_of(_surprise(lambda: fail(EVE))) == "…"


@pytest.mark.one_database
@pytest.mark.parametrize("quoted", ['"{}"', '"{}', "'{}'", "«{}»", "„{}“"])
@pytest.mark.parametrize("length", [1, 3000])
def test_a_quotation_that_is_cut_off_is_hidden_as_well(quoted: str, length: int) -> None:
    error = _surprise(
        lambda: _raise(OfPostgres(f"invalid input: {quoted.format(EVE * length)}\nLINE 1: {EVE}"))
    )
    assert named(error).endswith("OfPostgres: 22P02 invalid input: …")


class OfPostgres(Exception):  # noqa: N818 - it stands for one of the driver's
    sqlstate = "22P02"


class _Odd(TypeDecorator[str]):
    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: object) -> str:
        raise ValueError(f"{value}")


def _typed_wrongly() -> None:
    with writing() as session:
        session.execute(select(literal(1)).where(column("a") == bindparam("who", EVE, type_=_Odd)))


def _twice() -> None:
    values = {"email": EVE, "name": EVE, "role": "member", "created_at": None}
    with writing() as session:
        session.execute(insert(User), [values, values])


def _in_the_statement() -> None:
    with writing() as session:
        session.execute(text(f"SELECT '{EVE}' FROM no_such_table"))  # noqa: S608 - as nobody should


def _to_no_function() -> None:
    with writing() as session:
        session.execute(select(func.no_such_function(EVE)))


@pytest.mark.parametrize("cause", [_typed_wrongly, _twice, _in_the_statement, _to_no_function])
def test_what_a_database_refuses_is_told_without_a_value(in_app: Flask, cause: Callable[[], None]) -> None:
    error = _surprise(cause)
    shown = traceback_of(error)
    assert in_app.testing
    assert type(error).__name__ in shown
    assert "eve@example.com" not in shown
    assert "4711" not in shown


@pytest.mark.every_database
def test_what_is_wrong_with_a_statement_is_told(in_app: Flask) -> None:
    assert in_app.testing
    assert "no_such_table" in named(_surprise(_in_the_statement))
    assert "users" in named(_surprise(_twice))


@pytest.fixture
def log(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure(settings)
    yield written
    structlog.reset_defaults()


@pytest.mark.one_database
def test_no_line_of_ours_or_of_a_library_quotes_an_error(log: io.StringIO) -> None:
    library = logging.getLogger("a_library")
    library.addHandler(logging.StreamHandler(log))
    try:
        _chain()
    except RuntimeError as error:
        structlog.get_logger().exception("ours")
        structlog.get_logger().error("given", exc_info=error)
        library.exception("It went wrong")
        library.error("It went wrong: %s", error)
        library.error(error)
    written = log.getvalue()
    ours, given, *_ = written.splitlines()
    for line in (ours, given):
        assert json.loads(line)["exception"].endswith("RuntimeError: …")
    assert written.count("in _chain") == 3 * 2
    assert "It went wrong: RuntimeError: …" in written
    assert "eve@example.com" not in written


_PROGRAM = """
import sys, threading
from webapp.app import create_app
create_app()
def fail(who):
    raise ValueError(who)
thread = threading.Thread(target=fail, args=sys.argv[1:])
thread.start()
thread.join()
fail(sys.argv[1])
"""


@pytest.mark.one_database
def test_what_ends_a_program_or_a_thread_is_told_without_a_value(settings: Settings) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, EVE],
        env=program_environment(settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "thread_failed" in ended.stderr
    assert ended.stderr.count("in fail") == 2
    assert "eve@example.com" not in ended.stderr
