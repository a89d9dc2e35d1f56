"""What people read can be translated: no text stands in a template or a page's code outside of a mark."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2 import nodes

from tests.support.suite.source_texts import called, texts_outside

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = [
    path
    for path in sorted((ROOT / "templates").rglob("*"))
    # The page of the components is shown in development alone; a script has no text.
    if path.suffix in (".html", ".txt") and path.parent.name != "design"
]
ENVIRONMENT = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)

SAME_IN_EVERY_LANGUAGE = {
    "Twinbook",
    "HubSpot",
    "CSV",
    "custom",
    "outcome",
    "held",
    "entries",
    "title",
    "instance folder",
}
"""Names of ours and of HubSpot, and codes that stand in addresses and in names of fields."""

OF_STYLE = {"small", "quiet", "blue", "red", "card", "form", "notice", "choices", "warn", "busy"}
TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>|<!--.*?-->|<![^>]*>", re.DOTALL)
READ_OUT = re.compile(
    r'\b(?:title|alt|placeholder|aria-label|aria-valuetext|data-label|hx-confirm)="([^"]*)"'
)
ATTRIBUTE = re.compile(r'aria-\w+="[^"]*"')
"""What a macro gives to a tag that is written elsewhere."""

WORD = re.compile(r"(?<![&\w.-])[A-Za-z]{2,}")
MARKS = {"_", "gettext", "ngettext", "lazy_gettext", "mark"}


def unmarked(text: str) -> list[str]:
    """What a template shows, or reads out, without a mark; in the order in which it stands there."""
    html, found, end, silent = _without_marks(text), [], 0, ""
    for tag in [*TAG.finditer(html), None]:
        if not silent and _readable(part := html[end : tag.start() if tag else None]):
            found.append(" ".join(part.split()))
        if tag is None:
            break
        end, name = tag.end(), (tag[2] or "").lower()
        found += [given for given in READ_OUT.findall(tag[3] or "") if _readable(given)]
        if name in ("style", "code", "kbd"):
            silent = "" if tag[1] else name
    return found


def _readable(text: str) -> list[str]:
    return [word for word in WORD.findall(ATTRIBUTE.sub("", text)) if word not in SAME_IN_EVERY_LANGUAGE]


def _without_marks(text: str) -> str:
    """The text of a template outside of its expressions, blocks and what `trans` encloses."""
    kept, is_in_trans, block = [], False, ""
    for _line, token, value in ENVIRONMENT.lex(text):
        if token == "block_begin":
            block = ""
        elif token == "name" and not block:
            block = value
            is_in_trans = value == "trans" if value in ("trans", "endtrans") else is_in_trans
        elif token == "data" and not is_in_trans:
            kept.append(value)
        elif token == "variable_begin":
            block = "variable"
    return "".join(kept)


def unmarked_literals(text: str) -> list[str]:
    """The texts within a template's expressions that are handed to no mark."""
    tree = ENVIRONMENT.parse(text)
    marked = {id(part) for call in tree.find_all(nodes.Call) if _marks(call) for part in _within(call)}
    return [
        one.value
        for one in tree.find_all(nodes.Const)
        if isinstance(one.value, str) and id(one) not in marked and _reads_as_text(one.value)
    ]


def _marks(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in MARKS


def _within(call: nodes.Call) -> Iterator[nodes.Node]:
    for argument in call.args:
        yield argument
        yield from argument.find_all(nodes.Const)


def _reads_as_text(text: str) -> bool:
    words = text.split()
    if "delay:" in text or "<" in text or not (set(words) - OF_STYLE) or text in SAME_IN_EVERY_LANGUAGE:
        return False
    return bool(re.search(r"^[A-Z][a-z]+( |$)|[a-z]{2,} [a-z]{2,}", text)) and words[-1] != "bare"


def test_no_template_shows_a_text_that_cannot_be_translated() -> None:
    assert len(TEMPLATES) > 100
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in TEMPLATES}
    assert {name: found for name, text in texts.items() if (found := unmarked(text))} == {}
    assert {name: found for name, text in texts.items() if (found := unmarked_literals(text))} == {}


def test_the_guard_finds_texts_attributes_and_literals() -> None:
    assert unmarked('<p title="Close it">{{ _("Go on") }} or stay</p>') == ["Close it", "or stay"]
    assert unmarked("{% trans %}Go on{% endtrans %}<code>flask run</code>") == []
    assert unmarked_literals('{{ button("Go on", "small") }}{{ _("Stay here") }}') == ["Go on"]


NOT_FOR_PEOPLE = {
    "moments.py": "parts of the world by the names that the database of time zones has",
    "operating/metrics.py": "what machines read",
    "people/attempts.py": "a script for Redis",
}
"""Files of the pages whose texts nobody reads on one, and what they are."""

SENTENCE = re.compile(r"^[A-Z][a-z]+ [a-z]|[a-z]{2,} [a-z]{2,} [a-z]{2,}|[a-z] .*[a-z]\.$")


def sentences(path: Path) -> list[str]:
    """What reads like a text for people outside of docstrings and marks."""
    found = texts_outside(ast.parse(path.read_text()), _is_left_out, SENTENCE)
    return [text for text in found if not text.startswith("<")]


def _is_left_out(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return called(node) in MARKS


def test_no_page_says_a_sentence_that_cannot_be_translated() -> None:
    pages = ROOT / "webapp" / "web"
    found = {path.relative_to(pages).as_posix(): sentences(path) for path in sorted(pages.rglob("*.py"))}
    assert {name: texts for name, texts in found.items() if texts and name not in NOT_FOR_PEOPLE} == {}


def test_no_text_stands_outside_of_a_table_or_a_mark() -> None:
    folder = ROOT / "webapp" / "text"
    found = {path.name: _in_functions(path) for path in sorted(folder.rglob("*.py"))}
    assert {name: texts for name, texts in found.items() if texts} == {}


def _in_functions(path: Path) -> list[str]:
    """What a function of a module of texts says in its own words."""
    tree = ast.parse(path.read_text())
    left_out = {id(part) for node in ast.walk(tree) if _is_left_out(node) for part in ast.walk(node)}
    return [
        part.value
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for part in ast.walk(function)
        if isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and id(part) not in left_out
        and SENTENCE.search(part.value)
    ]
