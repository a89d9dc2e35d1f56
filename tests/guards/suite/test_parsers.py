"""Every function that reads what somebody else has written is gone through by a property test.

The parsers are found in the code, and what the property tests of `tests/outside` go through is seen by
running them. What is exempt reads what we have written ourselves, and is named here with its reason.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.suite import reached
from tests.support.suite.parsers import ROOT, calls_in, parsers

_ROWS = "what we have written into a row, which nobody else writes to"
_OURS = {
    "webapp/domain/privacy/person.py:added": _ROWS,
    "webapp/domain/runs/options.py:from_data": _ROWS,
    "webapp/store/duplicates/merged.py:_as_record": _ROWS,
    "webapp/store/duplicates/merged.py:_give_links_back": _ROWS,
    "webapp/store/links/in_log.py:as_link": _ROWS,
    "webapp/store/mapping/definitions.py:keep": _ROWS,
    "webapp/store/mapping/definitions.py:load": _ROWS,
    "webapp/store/mapping/definitions.py:look_at": _ROWS,
    "webapp/store/privacy/files.py:_lines": "the layout of a file that was read when it came",
    "webapp/store/records/pairs_of_deleted.py:_moment": _ROWS,
    "webapp/store/rules/rules.py:load": _ROWS,
    "webapp/store/undo/local.py:_revive": _ROWS,
    "webapp/text/notifications/notifications.py:_day": _ROWS,
    "webapp/usecases/connection/account_trouble.py:_problem_in": _ROWS,
    "webapp/usecases/duplicates/merge_in_hubspot.py:as_announced": _ROWS,
    "webapp/usecases/people/typed_forms.py:find": _ROWS,
    "webapp/usecases/privacy/person.py:go_on": _ROWS,
    "webapp/usecases/pull/bulk.py:_finish": _ROWS,
    "webapp/usecases/reconcile/walk.py:work": _ROWS,
    "webapp/usecases/reconcile/walk.py:_changed_since": _ROWS,
    "webapp/usecases/records/files/uploading.py:layout": _ROWS,
    "webapp/usecases/runs/lease.py:Lease.position": _ROWS,
    "webapp/usecases/rules/trials.py:counted": _ROWS,
    "webapp/usecases/rules/trials.py:_question_of": _ROWS,
    "webapp/usecases/rules/trials.py:go_on": _ROWS,
    "webapp/usecases/undo/cut_off.py:_stretch": _ROWS,
    "webapp/web/people/typed_forms.py:_fill": _ROWS,
    "webapp/hubspot/reach.py:reach": "an address of the settings, read when the program began",
    "webapp/hubspot/http/transport.py:Transport.__init__": "the same address",
    "webapp/vault.py:Vault.open": "what our own key has sealed, or it is refused before",
    "webapp/store/operating/postgres_copy.py:counts_of": "what pg_dump prints of our own database",
    "webapp/store/operating/postgres_return.py:put_back": "what psql prints of our own database",
    "webapp/store/records/listing/counting.py:_estimated": "a number of PostgreSQL's",
    "webapp/web/people/attempts.py:Attempts._take": "the number that our own script answers with",
    "webapp/settings.py:_new_key": "a key made here",
}


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("def f(text: str): return int(text)", 1),
        ("def f(number: float): return int(number)", 0),
        ("def f(body: bytes): return json.loads(body)", 1),
        ("def f(body: bytes): return body.decode()", 1),
        ("def f(value: int): return encode(value).encode().decode()", 0),
        ("def f(settings: Settings): return urlsplit(settings.public_url)", 0),
        ("def f(text: str): return datetime.fromisoformat(text)", 1),
        ("def f(text: str):\n def g(): return json.loads(text)\n return g", 0),
        ("def f(row: Any): return float(row.value)", 1),
    ],
)
def test_a_parser_is_known_by_what_it_calls(code: str, count: int) -> None:
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert len(list(calls_in(function))) == count


@pytest.mark.long
@pytest.mark.one_database
def test_every_parser_of_outside_input_has_a_property_test(tmp_path: Path) -> None:
    found = parsers()
    assert len(found) > 80
    passed = _gone_through(tmp_path / "reached")
    missed = sorted(set(found) - passed - set(_OURS))
    assert not missed, "\n".join(f"{place}: {found[place]}" for place in missed)


def test_what_is_exempt_is_a_parser_still() -> None:
    assert set(_OURS) - set(parsers()) == set()


def _gone_through(file: Path) -> set[str]:
    """The functions that property tests go through."""
    only_these = ["-p", reached.__name__, "-p", "no:xdist", "-p", "no:randomly", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *only_these, "tests/outside"],
        cwd=ROOT,
        env=os.environ | {reached.FILE: str(file), "TEST_DATABASE": "sqlite"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-5_000:]
    return set(file.read_text().splitlines())
