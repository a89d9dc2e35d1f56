"""Pages and parts of pages as a browser reads them: elements with attributes and words.

`read_page(html).one("a", rel="next")["href"]` is where the link to the next page leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient

# Elements without content, which have no closing tag.
_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
# What may stand within a word or close to the next one; every other element keeps words apart.
_INLINE = frozenset({"b", "code", "del", "em", "ins", "mark", "strong"})
_UNREAD = frozenset({"script", "style", "title"})
_NOT_SENT = frozenset({"submit", "button", "reset", "image"})


@dataclass
class Element:
    """An element; that without a name is the whole that was read."""

    name: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    @property
    def text(self) -> str:
        """The text in it, with its blanks and line ends."""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    @property
    def shown_text(self) -> str:
        """What a person reads in it, with single blanks."""
        return " ".join("".join(self._spoken()).split())

    def all(self, tag: str = "", /, **attributes: str | bool) -> list[Element]:
        """The elements in it with this name and these attributes, in their order.

        Args:
            tag: its name; any, when left out.
            attributes: `class_` is one of its classes; True and False: whether there is such an attribute. An
                underscore stands for a hyphen, and one at the end for nothing.
        """
        required = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [one for one in self.elements() if tag in ("", one.name) and one._has(required)]

    def one(self, tag: str = "", /, **attributes: str | bool) -> Element:
        """The only such element in it."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes} in: {self.shown_text}"
        return found[0]

    def has(self, tag: str = "", /, **attributes: str | bool) -> bool:
        """Whether there is such an element in it."""
        return bool(self.all(tag, **attributes))

    def leads_to(self, address: str) -> bool:
        """Whether a link in it leads to an address."""
        return self.has("a", href=address)

    def form_values(self) -> dict[str, str]:
        """What the controls in it would send if nobody touched them."""
        sent: dict[str, str] = {}
        for control in self.elements():
            name = control.attributes.get("name")
            value = None if "disabled" in control.attributes else control._value()
            if name and value is not None:
                sent[name] = value
        return sent

    def tops(self) -> list[Element]:
        """The elements in it that stand in no other."""
        return [one for one in self.children if isinstance(one, Element)]

    def elements(self) -> Iterator[Element]:
        """Every element in it, as they begin."""
        for one in self.children:
            if isinstance(one, Element):
                yield one
                yield from one.elements()

    def _has(self, required: dict[str, str | bool]) -> bool:
        return all(
            (key in self.attributes) == value
            if isinstance(value, bool)
            else value in self.attributes.get("class", "").split()
            if key == "class"
            else self.attributes.get(key) == value
            for key, value in required.items()
        )

    def _spoken(self) -> Iterator[str]:
        for one in self.children:
            if isinstance(one, str):
                yield one
            elif one.name not in _UNREAD:
                gap = "" if one.name in _INLINE else " "
                yield from (gap, *one._spoken(), gap)

    def _value(self) -> str | None:
        """What a control sends; None if nothing."""
        given = self.attributes
        if self.name == "textarea":
            return self.text.removeprefix("\n")
        if self.name == "select":
            options = self.all("option")
            chosen = [one for one in options if "selected" in one.attributes]
            chosen = chosen or ([] if "multiple" in given else options[:1])
            return chosen[-1].attributes.get("value", chosen[-1].shown_text) if chosen else None
        if self.name != "input" or given.get("type") in _NOT_SENT:
            return None
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            return None
        return given.get("value", "")


def read_page(html: str) -> Element:
    """The elements of a page or of a part of one.

    Raises:
        AssertionError: an element is not closed, or closed where it was not open.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is not closed"
    return reader.open[0]


def pages_from(client: FlaskClient, address: str) -> Iterator[str]:
    """The page at an address and all that its links to the next one lead to, as HTML."""
    while address:
        html = client.get(address).text
        yield html
        address = next((one["href"] for one in read_page(html).all("a", rel="next")), "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)
