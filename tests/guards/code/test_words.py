"""Names in the code keep to the glossary: none has a word that the page rules out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GLOSSARY = ROOT / "docs" / "glossary.md"
CLAUSES = "A noun of the trade before a clause"
INSTEAD = "Instead of these:"
MATCHING = ("webapp/domain/matching/", "webapp/domain/records/normal/", "webapp/domain/records/keys.py")

WITH_A_MEANING_OF_ITS_OWN = {
    **dict.fromkeys(("attribute", "column"), "of HTML and of a database"),
    **dict.fromkeys(("item", "association", "filter", "status"), "HubSpot's own words of its API"),
    **dict.fromkeys(("message", "source", "history"), "HubSpot's own words in its answers"),
    **dict.fromkeys(("import", "export"), "what people do with CSV files"),
    **dict.fromkeys(("link", "mapping", "state", "update"), "a term in one sense, a rival in another"),
    **dict.fromkeys(("session", "instance", "target"), "of the web and of its settings"),
    **dict.fromkeys(("job", "task", "queue", "priority"), "of the workers"),
    **dict.fromkeys(("step", "resolve"), "of the set-up and of what waits for a person"),
    **dict.fromkeys(("points", "score"), "stored with a candidate, and made of weights"),
    **dict.fromkeys(("loop", "soft", "hard", "diff"), "too short to stand for one idea"),
    "left out": "a record that was not imported",
    "lookup": "of rows by a key, in the database",
}
"""Rivals in the table that a name may well have, since they mean something else as well."""

ALLOWED = {
    "told_at": "a column",
    "settled_at": "a column",
    "settled_by_id": "a column",
    "models": "what Flask applications call the classes of their tables",
    "integrations": "a page of ours",
    "fake": "what the documentation of Faker calls a generator",
}
"""Names that stay, and why."""

ALLOWED_IN_TESTS = {
    **dict.fromkeys(("NOTICES", "notice", "notices"), "what a page says above everything else"),
    **dict.fromkeys(("upload", "_upload"), "of a CSV file"),
    **dict.fromkeys(("ACTIONS", "power_cut_actions"), "what is done before the power is cut"),
    **dict.fromkeys(("words", "clause_words", "test_words"), "of a language, or of this page"),
}
"""More of them, outside of the product."""


def rivals() -> set[str]:
    """The words of the table's last column, less what is said about them there."""
    rows = [row.split("|") for row in GLOSSARY.read_text().splitlines() if row.startswith("| **")]
    cells = [re.sub(r"\(.*?\)|:.*", "", row[-2]) for row in rows]
    return {word.strip() for cell in cells for word in cell.split(",") if word.strip()}


def clause_words() -> set[str]:
    """The words that the paragraph about clauses rules out."""
    [paragraph] = [one for one in GLOSSARY.read_text().split("\n\n") if one.startswith(CLAUSES)]
    return set(re.findall(r"`(\w+)`", paragraph.split(INSTEAD)[0]))


def parts(text: str) -> str:
    """The words of a name, with underscores before, between and after them."""
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", text)
    return "_".join(["", *words, ""]).lower()


def defined(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module gives to something, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(asname=str(name)):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno


def names() -> Iterator[tuple[str, str]]:
    """Every name, and where; modules and folders too. A test is called by a sentence, which is no name."""
    folders = ("webapp", "sandbox", "bench", "tests")
    for path in chain.from_iterable((ROOT / one).rglob("*.py") for one in folders):
        place = str(path.relative_to(ROOT))
        if "migrations" in place:
            continue
        yield from ((name, place) for name in path.relative_to(ROOT).with_suffix("").parts)
        for name, line in defined(ast.parse(path.read_text())):
            if not (name.startswith("test_") and place.startswith("tests/")):
                yield name, f"{place}:{line}"


def test_no_name_has_a_word_that_the_glossary_rules_out() -> None:
    assert WITH_A_MEANING_OF_ITS_OWN.keys() <= rivals()
    ruled_out = rivals() - WITH_A_MEANING_OF_ITS_OWN.keys() | clause_words() - {"note"}
    any_of = "|".join(parts(one).strip("_") for one in sorted(ruled_out))
    pattern = re.compile(rf"_(?:{any_of})[sd]?_|^_note_[a-z]")
    found = [(name, place) for name, place in names() if pattern.search(parts(name))]
    allowed = {False: ALLOWED.keys(), True: ALLOWED.keys() | ALLOWED_IN_TESTS.keys()}
    used = {name for name, _ in found if name in allowed[True]}
    assert used == allowed[True], "these names are allowed for nothing"
    offending = [
        f"{place}: {name}"
        for name, place in found
        if name not in allowed[place.startswith("tests/")]
        and not (name.endswith("words") and place.startswith(MATCHING))
    ]
    assert not offending, "\n".join(offending)
