"""axe-core (npm `axe-core`, 4.14.1, MPL-2.0), which finds what keeps people from using a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_SOURCE = Path(__file__).resolve().parents[2] / "vendor" / "axe-core-4.14.1.min.js"
# Every rule of theirs, and the size of what is pressed, which they leave out by default.
_EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
_COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}

# What is folded shows what is in it; a menu or a question would cover what is below.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const over = [...document.querySelectorAll("main *")].filter(
    (one) => one.getBoundingClientRect().right > width && !one.closest(".table-scroll"));
  const first = over.slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
  return [`it is wider than the window: ${first.join(" ")}`];
}"""
# In a window of few lines nothing stays in place over them, and no text is read through a slit.
CRAMPED = """() => {
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const { position, overflowX } = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    if (!box.height || one.closest("dialog, .menu-panel")) continue;
    const line = one.outerHTML.slice(0, 160);
    const stays = ["fixed", "sticky"].includes(position);
    if (stays && box.height > innerHeight / 8) found.push(`it covers: ${line}`);
    const scrolls = overflowX === "auto" && one.scrollWidth > one.clientWidth + 1;
    if (scrolls && !one.matches("pre, .table-scroll")) found.push(`it scrolls sideways: ${line}`);
  }
  return found;
}"""
# A text that runs over the edge of what holds it. What a frame scrolls, or is cut with dots, does not.
SPILT = """() => {
  const isCut = (one) => {
    const { textOverflow, webkitLineClamp, clipPath } = getComputedStyle(one);
    return textOverflow === "ellipsis" || webkitLineClamp !== "none" || clipPath !== "none";
  };
  const found = [];
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const held = text.parentElement.closest("li, .card, .table-frame, .notice");
    if (!text.data.trim() || !held || text.parentElement.closest("select, pre, .table-scroll")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const { left, right, width } = range.getBoundingClientRect();
    const edge = held.getBoundingClientRect();
    if (!width || (left > edge.left - 1 && right < edge.right + 1)) continue;
    let one = text.parentElement;
    while (one !== held && !isCut(one)) one = one.parentElement;
    if (one === held) found.push(`it runs over its edge: ${text.data.trim().slice(0, 80)}`);
  }
  return found.slice(0, 3);
}"""
# What moved while a page came, as Chromium adds it up: what watches it, and the sum once the pictures are in.
WATCH = """window.moved = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.moved += one.value; })
  .observe({ type: "layout-shift", buffered: true });"""
MOVED = """async () => {
  const shown = [...document.images].filter((one) => one.getBoundingClientRect().top < innerHeight);
  await Promise.all(shown.map((one) => one.decode().catch(() => {})));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  return window.moved;
}"""
UNFOLD = """() => {
  for (const one of document.querySelectorAll("details:not(.menu, .confirm)")) one.open = true;
}"""


def violations(page: Page, *, only_colours: bool = False, within: str = "html") -> list[str]:
    """What a page does wrong now, a line for each element: rule, element, and what is so.

    Args:
        page: what is shown.
        only_colours: apply only the rules that ask for colours.
        within: of which element, by its selector: an open menu covers parts of what is behind it.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_SOURCE.read_text())
    options = _COLOURS if only_colours else _EVERYTHING
    found: dict[str, Any] = page.evaluate("given => axe.run(...given)", [within, options])
    return [
        f"{rule['id']}: {node['html'][:160]} ({_why(node)})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])
