"""What every template keeps to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_template_carries_script_or_style_that_the_content_policy_forbids(path: Path) -> None:
    assert INLINE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.name.startswith("_")], ids=name)
def test_a_part_of_a_page_says_in_its_first_line_what_it_needs(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert re.fullmatch(r"\{#.*\S.*#\}", first), first


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.name.startswith("_")], ids=name)
def test_a_part_of_a_page_is_never_a_whole_page(path: Path) -> None:
    assert "{% extends" not in path.read_text()
    assert "<html" not in path.read_text()


def test_no_template_is_left_that_nothing_shows() -> None:
    code = "\n".join(path.read_text() for path in [*ROOT.glob("webapp/**/*.py"), *TEMPLATES])
    unused = [shown for path in TEMPLATES if (shown := str(path.relative_to(ROOT / "templates"))) not in code]
    assert unused == []


# What is written once, and where.
ONE_WAY = {
    'method="post"': {"_forms.html"},
    'name="csrf_token"': {"_forms.html"},
    'aria-invalid="true"': {"_forms.html"},
    'class="pager"': {"_macros.html"},
    "hubspot_url(": {"_macros.html"},
}


@pytest.mark.parametrize("text", ONE_WAY)
def test_what_has_a_macro_is_written_nowhere_else(text: str) -> None:
    assert {name(path).rpartition("templates/")[2] for path in PAGES if text in path.read_text()} == ONE_WAY[
        text
    ]
