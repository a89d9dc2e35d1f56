"""Nothing that others have written steers the terminal in which somebody runs a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.samples.factories import make_company, make_connection, make_run
from webapp.commands.command import RefusedCommand, say
from webapp.text.runs.runs import RUN_ERRORS

pytestmark = pytest.mark.one_database

# Ends the line, clears the screen, sets the title, writes to the clipboard, turns the direction.
STEERING = "\r\x1b[2J\x1b]0;title\x07\x9b2J\x1b]52;c;ZXZl\x1b\\\u202e\u2066\x7f\x85\u2028"
NAME = f"Nord{STEERING}licht"
STEERS = {*map(chr, (*range(9), *range(11, 32), *range(0x7F, 0xA0), *range(0x202A, 0x202F)))}


def test_names_and_texts_of_others_are_shown_with_numbers_for_what_would_steer(app: Flask) -> None:
    with app.app_context():
        connection = make_connection()
        company = make_company(name=NAME)
        run = make_run(connection.id, state="failed", error=next(iter(RUN_ERRORS)), error_text=NAME)
    for args in (
        ["explain", "companies", str(company.id)],
        ["explain", "companies", str(company.id), "--json"],
        ["runs", "show", str(run.id)],
        ["connect", "--token-stdin"],
    ):
        # A terminal has colours; without them click takes some of these away.
        answer = app.test_cli_runner().invoke(args=args, color=True, input=NAME)
        assert STEERS & set(answer.output) == set(), args
    assert "licht" in app.test_cli_runner().invoke(args=["runs", "show", str(run.id)], color=True).output


def test_rows_of_a_file_are_shown_so(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "companies.csv"
    file.write_text(f'name,domain\nA,"not {NAME}"\n', newline="")
    args = ["records", "import", "companies", str(file), "--check"]
    answer = app.test_cli_runner().invoke(args=args, color=True)
    assert "“not Nord\\u000d" in answer.output
    assert STEERS & set(answer.output) == set()


@given(st.text(), st.sampled_from([True, False]))
def test_a_refusal_is_one_line_that_steers_nothing(text: str, as_json: bool) -> None:  # noqa: FBT001
    refusal = RefusedCommand(f"No {text} {STEERING} here.", as_json=as_json)
    assert "\n" not in refusal.message
    refusal.show()


def test_what_is_printed_as_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    say(json.dumps({"name": NAME}, ensure_ascii=False))
    printed = capsys.readouterr().out
    assert STEERS & set(printed) == set()
    assert json.loads(printed) == {"name": NAME}
