"""The documents in `docs/` as HTML: headings with anchors, links that stay within the help."""

import posixpath
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from msgspec import Struct

_HEADINGS = {"h1", "h2", "h3"}
Size = tuple[int, int]
_UNLABELLED = 2
"""Where there are only so many columns, nobody asks what the second one is."""


class Document(Struct, frozen=True):
    """A document as a page.

    Attributes:
        title: its first heading.
        html: all that follows it.
        parts: its headings of the second rank, with their anchors, in order.
        anchors: those of all headings, in order.
    """

    title: str
    html: Markup
    parts: tuple[tuple[str, str], ...]
    anchors: tuple[str, ...]


@cache
def document(
    text: str,
    link_to: Callable[[str], str],
    _prefix: str = "",
    original: Document | None = None,
    size_of: Callable[[str], Size | None] = lambda _target: None,
) -> Document:
    """A document as a page, which is made once.

    Args:
        text: its Markdown.
        link_to: the address for a link to another file, such as `guide.md#undo` or `pictures/home.png`.
        _prefix: of the addresses that `link_to` gives; a page is kept for each.
        original: what it is a translation of; its headings get the anchors there, so that a link leads to the
            same part in every language.
        size_of: the width and height of a picture, so that it has its room before it is there.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    headings = _anchored(tokens, original.anchors if original is not None else ())
    for table in (token for token in tokens if token.type == "table_open"):
        # A wide one scrolls, with keys as well; on a phone it is a list of its rows.
        table.attrSet("tabindex", "0")
        table.attrSet("class", "stacked")
    _label_cells(tokens)
    for token in _inline(tokens):
        if token.type == "image":
            _make_room(token, size_of)
        _redirect(token, link_to)
    _fold_pictures(tokens)
    first = 3 if headings and headings[0][0] == "h1" else 0
    # The documents are ours, and HTML in them is off, so what the parser writes can be trusted.
    return Document(
        title=headings[0][2] if first else "",
        html=Markup(parser.renderer.render(tokens[first:], parser.options, {})),  # noqa: S704 - see above
        parts=tuple((anchor, text) for tag, anchor, text in headings if tag == "h2"),
        anchors=tuple(anchor for _tag, anchor, _text in headings),
    )


def _anchored(tokens: list[Token], anchors: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Give every heading an anchor, a given one if there are any; returns tag, anchor and text of each."""
    found: list[tuple[str, str, str]] = []
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.tag in _HEADINGS:
            text = "".join(one.content for one in content.children or [])
            anchor = anchors[len(found)] if anchors else anchor_of(text)
            token.attrSet("id", anchor)
            found.append((token.tag, anchor, text))
    return found


def _label_cells(tokens: list[Token]) -> None:
    """Give the cells of a table of three columns or more, but for the first, the heading of their column."""
    headings: list[str] = []
    column = 0
    for token, content in pairwise(tokens):
        if token.type == "table_open":
            headings = []
        elif token.type == "th_open":
            headings.append("".join(one.content for one in content.children or []))
        elif token.type == "tr_open":
            column = 0
        elif token.type == "td_open":
            if column and len(headings) > _UNLABELLED and headings[column]:
                token.attrSet("data-label", headings[column])
            column += 1


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading, so that links work there and here."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or []]


def _fold_pictures(tokens: list[Token]) -> None:
    """Put each picture below its name, to be opened: else browsers fetch even those further down at once."""
    for before, content, behind in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type == "paragraph_open" and [one.type for one in content.children or []] == ["image"]:
            [image] = content.children or []
            before.tag = behind.tag = "details"
            name = Token("html_inline", "", 0, content=f"<summary>{escape(image.content)}</summary>")
            content.children = [name, image]


def _make_room(image: Token, size_of: Callable[[str], Size | None]) -> None:
    # A browser fetches such a picture only once it is seen, which one that is folded is not.
    image.attrSet("loading", "lazy")
    if size := size_of(str(image.attrGet("src"))):
        image.attrSet("width", str(size[0]))
        image.attrSet("height", str(size[1]))


def _redirect(token: Token, link_to: Callable[[str], str]) -> None:
    attribute = {"link_open": "href", "image": "src"}.get(token.type)
    target: Any = attribute and token.attrGet(attribute)
    if attribute and target and not re.match(r"[a-z]+:|#", target):
        token.attrSet(attribute, link_to(posixpath.normpath(target)))
