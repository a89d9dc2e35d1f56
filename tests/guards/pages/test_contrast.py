"""Whatever is read on a page can be read: the contrast of every pair of colours, in light and in dark.

The figures are those of WCAG 2.2: 4.5 for text, 3 for the edge of a control and for what only shows a state.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest

STYLE = Path(__file__).resolve().parents[3] / "static" / "style"
GROUNDS = ("page", "surface", "sunken", "hover")
STATES = ("good", "busy", "warn", "bad", "calm")
TEXTS = [
    *((text, ground) for ground in GROUNDS for text in ("text", "muted", "link", "bad-text")),
    *(("on-colour", button) for button in ("blue", "blue-hover", "red", "red-hover")),
    *((f"{state}-text", f"{state}-back") for state in STATES),
    # A row that is ticked, and a value that differs, hold links and badges.
    *(("link", "busy-back"), ("text", "busy-back"), ("muted", "busy-back"), ("text", "warn-back")),
]
MARKS = [
    *(("control-line", ground) for ground in ("page", "surface")),
    *(("focus", ground) for ground in (*GROUNDS, *(f"{state}-back" for state in STATES))),
    *((f"{state}-strong", "surface") for state in STATES),
    *(("blue", ground) for ground in ("page", "surface")),
    *(("red", ground) for ground in ("page", "surface")),
]

_HOVERED = re.compile(r"\.button\.(?:blue|red):hover[^{]*")

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def colours(scheme: Scheme) -> dict[str, str]:
    """The colours of `tokens.css` by name."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([\w-]+): ([^;]+);", (STYLE / "tokens.css").read_text()):
        both = re.fullmatch(r"light-dark\((#\w{6}), (#\w{6})\)", value)
        if both:
            found[name] = both[1] if scheme == "light" else both[2]
        elif re.fullmatch(r"#\w{6}", value):
            found[name] = value
    return found


def luminance(colour: str) -> float:
    """How light a colour is, from 0 to 1. Source: WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(scheme: Scheme, pairs: list[tuple[str, str]], least: float) -> dict[tuple[str, str], float]:
    known = colours(scheme)
    ratios = {(one, other): contrast(known[one], known[other]) for one, other in pairs}
    return {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read_on_every_ground_it_stands_on(scheme: Scheme) -> None:
    assert too_faint(scheme, TEXTS, 4.5) == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_edges_and_marks_can_be_seen(scheme: Scheme) -> None:
    assert too_faint(scheme, MARKS, 3) == {}


def test_the_contrast_of_black_on_white_is_the_largest() -> None:
    assert round(contrast("#000000", "#ffffff"), 6) == 21


def test_colours_are_named_in_one_file_alone() -> None:
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)")
    # Shadows and what lies behind a dialog are not read on.
    elsewhere = {
        path.name: found
        for path in (STYLE.parent).rglob("*.css")
        if path.name != "tokens.css" and (found := literal.findall(path.read_text()))
    }
    assert elsewhere == {}


def test_a_button_that_is_switched_off_keeps_its_colours_under_the_pointer() -> None:
    selectors = _HOVERED.findall((STYLE / "components.css").read_text())
    assert len(selectors) == 2
    assert all(":not([disabled]" in one for one in selectors)
