"""A page whose parts are kept true while it is open: a stream sends those that have changed.

Each part has the id of the element that shows it. None grows beyond the room that the page keeps for it, so
that nothing moves under the pointer; but on a phone what needs somebody takes the room it has, since three
lines kept for it would be empty on most days.
"""

from collections.abc import Callable, Hashable
from itertools import count

from markupsafe import Markup

from webapp.web.live.watch import ANYTHING, Frame, Watch

Parts = dict[str, Markup]

_numbers = count()


class Shown:
    """The parts of a page at one moment; what changed since another moment is put together once for all.

    Args:
        parts: By the id of their elements.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.number = next(_numbers)
        self._since: dict[int, Markup] = {}

    def since(self, before: "Shown | None") -> Markup:
        """The parts that differ from that moment, each to be put into its element."""
        number = -1 if before is None else before.number
        if number not in self._since:
            old = {} if before is None else before.parts
            changed = {name: html for name, html in self.parts.items() if old.get(name) != html}
            self._since[number] = Markup().join(put_into(name, html) for name, html in changed.items())
        return self._since[number]


class PartStream(Watch):
    """One viewer's stream: what was sent, and what differs from it now.

    Args:
        parts: What the page shows at this moment; it leaves no database connection open.
        about: The page.
    """

    def __init__(self, parts: Callable[[], Parts], about: Hashable) -> None:
        super().__init__(about, ANYTHING)
        self._parts = parts
        self._before: Shown | None = None

    def read(self, _before: object) -> "tuple[Shown, dict[Markup, Frame]]":
        """The parts now, and the frames that are made of them."""
        return Shown(self._parts()), {}

    def frames(self, found: "tuple[Shown, dict[Markup, Frame]]") -> list[Frame]:
        """The frame that is due, if anything has changed."""
        shown, made = found
        html = shown.since(self._before)
        self._before = shown
        return [made.setdefault(html, Frame("changed", html))] if html else []


def put_into(name: str, html: str | Markup) -> Markup:
    """The new contents of the element with that id."""
    return Markup('<div id="{}" hx-swap-oob="innerHTML">{}</div>').format(name, html)
