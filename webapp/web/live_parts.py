"""A page whose parts are kept true while it is open: a stream sends those that have changed.

Each part has the id of the element that shows it. None grows beyond the room that the page keeps for it, so
that nothing moves under the pointer.
"""

from collections.abc import Callable

from markupsafe import Markup

from webapp.web.sse import Frame

Parts = dict[str, Markup]


class PartStream:
    """One viewer's stream: what was sent, and what differs from it now.

    Args:
        parts: What the page shows at this moment; it leaves no database connection open.
    """

    def __init__(self, parts: Callable[[], Parts]) -> None:
        self._parts = parts
        self._sent: Parts = {}

    def look(self) -> list[Frame]:
        """The frame that is due, if anything has changed."""
        now = self._parts()
        changed = {name: html for name, html in now.items() if self._sent.get(name) != html}
        self._sent = now
        if not changed:
            return []
        swap = Markup('<div id="{}" hx-swap-oob="innerHTML">{}</div>')
        return [Frame("changed", "".join(swap.format(name, html) for name, html in changed.items()))]
