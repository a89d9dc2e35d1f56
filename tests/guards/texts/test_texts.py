"""Below `webapp.text` there are codes alone; each has a text, and each text a code that is given."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from tests.support.suite.source_texts import called, texts_outside
from webapp.domain.connection import automatic
from webapp.domain.connection.setup import STEPS
from webapp.domain.links.state import STATES
from webapp.domain.mapping.fitting import FITS
from webapp.domain.matching.evidence import EVIDENCE
from webapp.domain.records.fields import FIELDS
from webapp.domain.rules.rule import OPERATORS
from webapp.domain.runs.outcomes import OUTCOMES
from webapp.hubspot import errors as hubspot_errors
from webapp.hubspot import scopes
from webapp.text import mapping, matching, reasons, refusals, rules, sync_states
from webapp.text.connection import connection, setup
from webapp.text.records import records
from webapp.text.runs import outcomes, runs

ROOT = Path(__file__).resolve().parents[3]
BELOW = ("domain", "usecases", "store", "hubspot")

PROBLEMS: dict[str, Mapping[str, str]] = {
    "domain/records/files": records.PROBLEMS | refusals.REFUSALS,
    "domain/records": records.PROBLEMS,
    "domain/rules": rules.PROBLEMS,
    "domain/mapping/check.py": mapping.PROBLEMS,
    "domain/mapping/recheck.py": mapping.PROBLEMS,
    "domain/mapping/refusals.py": mapping.FORESEEN,
    "usecases/records": records.PROBLEMS | refusals.REFUSALS,
    "hubspot/http/answers.py": connection.WAYS | connection.REFUSALS,
}
"""Where which table has the texts of problems; elsewhere it is that of refusals."""

REFUSALS = refusals.REFUSALS | connection.REFUSALS

MAKERS = ("problem", "Problem", "UnfitError", "RefusedError", "UntrustedError", "NotEventsError")
"""What a code is handed to, as the first argument."""

COMPUTED = {
    "errors.py": "the makers themselves, which pass on what they are given",
    "usecases/connection/refusals.py": "HubSpot's names of errors; a test of its own asks for each",
    "usecases/connection/tokens.py": "two named constants; a test of its own asks for both",
    "usecases/connection/connect.py": "the named constant `RECONNECT`; a test of its own asks for it",
    "usecases/runs/of_record.py": "one of two codes, chosen in the line above",
    "usecases/connection/account_trouble.py": "HubSpot's names of errors; a test of its own asks for each",
    "usecases/undo/run.py": "what `refusal` returns; a test of its own asks for each",
    "usecases/webhooks/receive.py": "the codes of `hubspot.signature`; a test of its own asks for each",
    "domain/mapping/refusals.py": "one of two codes, chosen in the line above",
    "usecases/operating/restore.py": "what `obstacle` returns; a test of its own asks for each",
}
"""Files in which a code is not written where it is handed over, and why."""

GIVEN_ELSEWHERE = {
    *("reconnect", "unreadable_token", "preview_wrote_nothing", "not_over", "other_account"),
    *("record_busy", "record_preview_busy", "INVALID_LONG", "INVALID_DATE"),
    *("no_signature", "wrong_signature", "bad_time", "too_old"),
    *("bad_auth_code", "bad_client_id", "bad_client_secret", "bad_redirect_uri"),
}
"""Codes of the files above."""


class Given(NamedTuple):
    """A code that is handed over, the names of its parameters (None: not known here), and where."""

    code: str
    params: frozenset[str] | None
    path: str


@cache
def source(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / "webapp" / folder).rglob("*.py"))]
    assert found
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT / "webapp").as_posix()


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls that are handed a code."""
    for node in ast.walk(source(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            yield node


def codes(call: ast.Call) -> list[str]:
    """The codes that a call may be handed."""
    first = call.args[0]
    branches = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [one.value for one in branches if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@cache
def given() -> list[Given]:
    """Every code that is written where it is handed over."""
    found = []
    for path in files(*BELOW, "web", "commands"):
        for call in (one for one in calls(path) if one.args):
            names = [keyword.arg for keyword in call.keywords]
            params = None if None in names else frozenset(name for name in names if name)
            found += [Given(code, params, name(path)) for code in codes(call)]
    assert len(found) > 80
    return found


def texts_of(path: str) -> Mapping[str, str]:
    """The table in which a file's problems have their texts."""
    return next((texts for where, texts in PROBLEMS.items() if path.startswith(where)), REFUSALS)


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_every_code_that_is_given_has_a_text() -> None:
    assert [one for one in given() if one.code not in texts_of(one.path)] == []


def test_every_text_gets_the_parameters_that_it_names() -> None:
    wrong = [
        one
        for one in given()
        if one.params is not None and not placeholders(texts_of(one.path)[one.code]) <= one.params
    ]
    assert wrong == []


def test_a_code_is_written_where_it_is_handed_over_but_in_listed_files() -> None:
    computed = {
        name(path)
        for path in [*files(*BELOW, "web", "commands"), ROOT / "webapp/errors.py"]
        for call in calls(path)
        if call.args and not codes(call)
    }
    beside = {"web/undo/pages.py", "web/runs/labels.py"}  # they read problems, and make none
    assert computed - beside <= set(COMPUTED)


def test_every_text_has_a_code_that_is_given() -> None:
    known = {one.code for one in given()} | GIVEN_ELSEWHERE | set(reasons_of_hubspot())
    tables = [*PROBLEMS.values(), REFUSALS, connection.WHILE_CONNECTING]
    unused = {code for table in tables for code in table} - known - waits_of_hubspot()
    assert unused == set()


def test_what_is_listed_as_given_elsewhere_is_written_in_the_files_that_compute_codes() -> None:
    written = {
        text for where in (*COMPUTED, "hubspot/signature.py", "store/connection") for text in texts(where)
    }
    of_hubspot = {code for code in GIVEN_ELSEWHERE if code.startswith("bad_") and code != "bad_time"}
    assert GIVEN_ELSEWHERE - of_hubspot - written == set()


def texts(where: str) -> Iterator[str]:
    """The texts written in a file or folder."""
    for path in files(where) if not where.endswith(".py") else [ROOT / "webapp" / where]:
        for node in ast.walk(source(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def reasons_of_hubspot() -> list[str]:
    """The names under which failing calls are counted."""
    kinds = [one for one in vars(hubspot_errors).values() if isinstance(one, type)]
    reasons = [getattr(one, "reason", None) for one in kinds]
    return sorted({reason for reason in reasons if isinstance(reason, str)})


def waits_of_hubspot() -> set[str]:
    """What a call may have to wait for, as `WaitLonger` names it."""
    return {
        "daily_limit",
        "rate_limit",
        "search_limit",
        "migration",
        "lock",
        "hubspot_unreachable",
        "token_renewal",
    }


def test_every_way_in_which_a_call_fails_has_a_text() -> None:
    """That a certificate is not trusted is told by the problem that every such error carries."""
    codes_of_ways = {way: "bad_certificate" if way == "tls_trouble" else way for way in reasons_of_hubspot()}
    ways = {way: connection.REFUSALS.get(code, "") for way, code in codes_of_ways.items()}
    assert len(ways) > 10
    assert {way: text for way, text in ways.items() if not text.endswith((".", "{said}"))} == {}


def test_every_wait_has_a_text_for_runs_and_for_who_connects() -> None:
    waits = waits_of_hubspot()
    assert waits - set(runs.WAIT_REASONS) == set()
    assert {wait for wait in waits if not connection.REFUSALS.get(wait, "").endswith(".")} == set()


def test_names_and_texts_are_the_same_sets() -> None:
    fields = {field.name for of_type in FIELDS.values() for field in of_type}
    conversions = {fit.conversion for kinds in FITS.values() for fit in kinds.values()}
    assert set(records.LABELS) == fields
    assert set(mapping.CONVERSIONS) == conversions
    assert set(matching.SIGNALS) == set(EVIDENCE)
    assert set(rules.OPERATORS) == set(OPERATORS)
    assert set(connection.SWITCHES) == set(automatic.SWITCHES)
    assert set(connection.USES) == {*scopes.NEEDED, *scopes.OPTIONAL}
    assert [step.name for step in setup.steps()] == list(STEPS)
    assert list(sync_states.SYNC_STATES) == list(STATES)
    for table in (outcomes.OUTCOMES, outcomes.FORESEEN, outcomes.ENDINGS):
        assert list(table) == list(OUTCOMES)


def test_every_reason_has_a_text() -> None:
    assert [name for name, reason in reasons.REASONS.items() if not reason.text.endswith(".")] == []


def test_every_end_of_a_run_has_a_text_and_a_remedy() -> None:
    ends = runs.RUN_ERRORS.items()
    assert [name for name, end in ends if not (end.text.endswith(".") and end.remedy.endswith("."))] == []


def test_every_reason_that_code_gives_is_one_with_a_text() -> None:
    unknown = {
        f"{path.name}: {value}"
        for path in files("domain")
        for value in reasons_given(path)
        if value not in reasons.REASONS
    }
    assert unknown == set()


def test_every_such_name_is_given_by_some_code() -> None:
    tables: list[Iterable[str]] = [
        *(
            reasons.REASONS,
            runs.WAIT_REASONS,
            runs.RUN_ERRORS,
            runs.MAIL_EXPLANATIONS,
            runs.LEFT_OUT,
            connection.ENDINGS,
        )
    ]
    written = {
        node.value
        for path in [*files(*BELOW), ROOT / "webapp/errors.py"]
        for node in ast.walk(source(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {name for table in tables for name in table} - written == set()


def reasons_given(path: Path) -> Iterator[str]:
    """Yields the texts handed over as `reason=`."""
    for node in ast.walk(source(path)):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            value = getattr(node.value, "value", None)
            if isinstance(value, str) and value:
                yield value


# A space, then a word of small letters: of what people read, hardly anything does without.
SENTENCE = re.compile(r"[\w,;:”'] [a-z]+\b")

NOT_FOR_PEOPLE = {
    "domain/links/base.py": "a key of the stored base that no property can have",
    "domain/mapping/options.py": "by which words HubSpot names an option that it does not offer",
    "domain/records/files/headings.py": "what other programs call the columns of a file",
    "usecases/records/files/reading.py": "what the module csv says of a file, to tell errors apart",
    "usecases/people/passwords.py": "what is hashed for whoever has no password",
    "usecases/push/own_key/key_property.py": "the description of our property, which HubSpot shows",
}
"""Files whose texts with spaces nobody reads on a page of ours, and what they are."""

FOR_PROGRAMMERS = re.compile(r"\w*Error|\w*Trouble|MalformedAnswer")
"""Exceptions whose text goes to the log, unlike a refusal, which has a code."""


def sentences(path: Path) -> list[str]:
    """What reads like a sentence, outside docstrings and exceptions for programmers."""
    return texts_outside(source(path), is_left_out, SENTENCE)


def is_left_out(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    name = called(node)
    if name in MAKERS:
        return False
    return bool(FOR_PROGRAMMERS.fullmatch(name)) or is_passed_to_parent(node)


def is_passed_to_parent(node: ast.AST) -> bool:
    """Whether it is `super().__init__(…)`, which in these layers only exceptions call with a text."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
        and isinstance(node.func.value, ast.Call)
    )


def test_no_sentence_is_written_where_only_codes_belong() -> None:
    found = {name(path): sentences(path) for path in files("domain", "usecases")}
    assert {path for path, texts in found.items() if texts} - set(NOT_FOR_PEOPLE) == set(), found


def test_what_is_listed_as_not_for_people_is_still_there() -> None:
    assert [where for where in NOT_FOR_PEOPLE if not sentences(ROOT / "webapp" / where)] == []


def test_every_module_of_texts_says_what_it_holds() -> None:
    modules: list[ModuleType] = [
        connection,
        mapping,
        matching,
        outcomes,
        reasons,
        records,
        refusals,
        rules,
        runs,
    ]
    assert all(module.__doc__ for module in modules)
