"""What every template keeps to."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
INLINE = re.compile(
    r"""<style\b | \sstyle\s*= | <script(?![^>]*\ssrc=)[^>]*>
    | \s(?:on[a-z]+|hx-on[a-z:-]*)\s*=\s*["'] | javascript:""",
    re.VERBOSE | re.IGNORECASE,
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


# A mail has no policy and no style sheet: readers of mail take nothing but styles in the line.
PAGES = [path for path in TEMPLATES if path.parent.name != "mail"]
PARTS = [path for path in TEMPLATES if path.name.startswith("_")]


def test_no_template_carries_script_or_style_that_the_content_policy_forbids() -> None:
    assert len(PAGES) > 40
    assert {name(path): found for path in PAGES if (found := INLINE.findall(path.read_text()))} == {}


def test_a_part_of_a_page_says_in_its_first_line_what_it_needs() -> None:
    assert len(PARTS) > 20
    first_lines = {name(path): path.read_text().splitlines()[0] for path in PARTS}
    silent = {path: line for path, line in first_lines.items() if not re.fullmatch(r"\{#.*\S.*#\}", line)}
    assert silent == {}


def test_a_part_of_a_page_is_never_a_whole_page() -> None:
    whole = ("{% extends", "<html")
    assert [name(path) for path in PARTS if any(sign in path.read_text() for sign in whole)] == []


def test_no_template_is_left_that_nothing_shows() -> None:
    code = "\n".join(path.read_text() for path in [*ROOT.glob("webapp/**/*.py"), *TEMPLATES])
    unused = [shown for path in TEMPLATES if (shown := str(path.relative_to(ROOT / "templates"))) not in code]
    assert unused == []


# What is written once, and where.
ONE_WAY = {
    # A page for when the database is away has no session, and so no token of one.
    'method="post"': {"_forms.html", "errors/bare.html"},
    'name="csrf_token"': {"_forms.html"},
    'aria-invalid="true"': {"_forms.html"},
    'class="pager"': {"_macros.html"},
    "hubspot_url(": {"_macros.html"},
}


def test_what_has_a_macro_is_written_nowhere_else() -> None:
    sources = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in PAGES}
    assert {text: {path for path, source in sources.items() if text in source} for text in ONE_WAY} == ONE_WAY


# What is kept up to date by script, and what holds the way to the same without: a part, itself or its page.
LIVE = re.compile(r"""hx-trigger="[^"]*\b(?:every|load|sse:) | \bsse-connect=""", re.VERBOSE)
WAY = re.compile(r"""<noscript> | \shttp-equiv="refresh" """, re.VERBOSE)
SHOWN_BY = {
    "runs/_run.html": "runs/index.html",
    "runs/page/_entries.html": "runs/page/show.html",
    "runs/page/_ending.html": "runs/page/show.html",
    "connection/_sync.html": "runs/_latest_progress.html",
    "home/index.html": "runs/_latest_progress.html",
    "records/show.html": "push/_red_button.html",
    "records/files/import.html": "records/files/_import.html",
}
# The counts of the menu come with every page; both of the others have a link to what they bring.
OTHERWISE = {"base.html", "preview/_preview.html", "rules/_trial.html"}


def test_what_is_kept_up_to_date_by_script_has_a_way_without() -> None:
    sources = {str(path.relative_to(ROOT / "templates")): path.read_text() for path in PAGES}
    live = {path for path, source in sources.items() if LIVE.search(source)} - OTHERWISE
    assert len(live) > 8
    assert {path for path in live if not WAY.search(sources[SHOWN_BY.get(path, path)])} == set()
