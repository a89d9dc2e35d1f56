"""Puts values into the controls of a form on a page that was made without them."""

from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from markupsafe import Markup
from msgspec import Struct

_CHOSEN = ("checkbox", "radio")
_NOT_FILLED = ("password", "file", "submit", "button", "image", "reset")
_CSRF = "csrf_token"

Fields = list[tuple[str, str]]


class Filled(Struct, frozen=True):
    """A page with a form filled. `is_changed`: whether anything that people see differs from before."""

    html: str
    is_changed: bool


def fill(html: str, action: str, fields: Fields, messages: tuple[Markup, Markup]) -> Filled | None:
    """Fill the form that sends to an address; None where the page has none that takes every value.

    Args:
        html: The page.
        action: The path that the form sends to.
        fields: Names and values, as a browser sends them.
        messages: What the page says on top: where something that people see was filled, and where not.
    """
    finder = _Finder(action)
    finder.feed(html)
    required = {name for name, value in fields if value.strip() and name != _CSRF}
    place = next((number for number, names in finder.forms.items() if required <= names), None)
    if place is None:
        return None
    writer = _Writer(place, fields)
    writer.feed(html)
    if any(value.strip() for values in writer.values.values() for value in values):
        return None
    message = messages[0] if writer.is_changed else messages[1]
    return Filled("".join(writer.parts).replace(_MESSAGE_HERE, str(message), 1), writer.is_changed)


_MESSAGE_HERE = "\0message\0"


class _Finder(HTMLParser):
    """The names of the controls of each form that sends to an address, by the form's place on the page."""

    def __init__(self, action: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: dict[int, set[str]] = {}
        self._action = action
        self._number = -1
        self._names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._number += 1
            self._names = set()
            if given.get("method") == "post" and urlsplit(given.get("action") or "").path == self._action:
                self.forms[self._number] = self._names
        elif name := given.get("name"):
            self._names.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._names = set()


class _Writer(HTMLParser):
    """Writes a page again as it was, but for one form."""

    def __init__(self, number: int, fields: Fields) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.is_changed = False
        self.values: dict[str, list[str]] = {}
        for name, value in fields:
            if name != _CSRF:
                self.values.setdefault(name, []).append(value)
        self._chosen = {name: set(values) for name, values in self.values.items()}
        self._sought, self._number, self._is_in = number, -1, False
        self._select = ""
        self._text: list[str] | None = None
        self._new_text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw, given = self.get_starttag_text() or "", {name: value or "" for name, value in attrs}
        if tag == "form":
            self._number += 1
            self._is_in = self._number == self._sought
            raw = f"{raw[:-1]} data-typed>" if self._is_in else raw
        elif self._is_in:
            raw = self._control(tag, raw, given)
        self.parts.append(raw)
        if given.get("id") == "notices":
            self.parts.append(_MESSAGE_HERE)

    handle_startendtag = handle_starttag

    def _control(self, tag: str, raw: str, given: dict[str, str]) -> str:
        """A start tag in the form."""
        name = given.get("name", "")
        if tag == "input" and name != _CSRF:
            return self._input(raw, given)
        if tag == "select" and name in self.values:
            self._select = name
        elif tag == "option" and self._select:
            return self._choice(self._select, raw, given, "selected", given.get("value", ""))
        elif tag == "textarea" and self.values.get(name):
            self._text, self._new_text = [], self.values[name].pop(0)
        elif tag == "button":
            # Which button was pressed is nothing to be typed.
            self.values.pop(name, None)
        return raw

    def _input(self, raw: str, given: dict[str, str]) -> str:
        name, kind = given.get("name", ""), given.get("type", "text")
        if kind in _NOT_FILLED:
            self.values.pop(name, None)
        elif kind in _CHOSEN:
            return self._choice(name, raw, given, "checked", given.get("value", "on"))
        elif self.values.get(name):
            value = self.values[name].pop(0)
            if value != given.get("value", ""):
                self.is_changed |= kind != "hidden"
                return _tag("input", {**given, "value": value})
        return raw

    def _choice(self, name: str, raw: str, given: dict[str, str], mark: str, value: str) -> str:
        """One of the values to choose from, marked where it was chosen."""
        is_on = value in self._chosen.get(name, ())
        self.values[name] = [one for one in self.values.get(name, ()) if one != value]
        if (mark in given) == is_on:
            return raw
        self.is_changed = True
        rest = {name: value for name, value in given.items() if name != mark}
        return _tag("input" if mark == "checked" else "option", rest | ({mark: ""} if is_on else {}))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            before, self._text = "".join(self._text), None
            after = f"\n{escape(self._new_text, quote=False)}"
            self.is_changed |= before.strip() != after.strip()
            self.parts.append(after)
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._is_in = False
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        (self.parts if self._text is None else self._text).append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(_attributes(attributes.items()))}>"


def _attributes(given: Iterable[tuple[str, str]]) -> Iterable[str]:
    for name, value in given:
        yield f' {name}="{escape(value)}"' if value or name == "value" else f" {name}"
