"""Open pages to which the same is shown: read and rendered once for all of them."""

import math
import time
from typing import Any

from flask import Flask

from webapp.web.live.onlooker import Onlooker
from webapp.web.live.watch import Frame

MOST_LOOKS_PER_S = 4
"""So often news is sent, however quick it comes."""


class Channel:
    """All open pages of a process with one key."""

    def __init__(self) -> None:
        self.onlookers: set[Onlooker] = set()
        self.topic: Any = None
        self.looked_at = -math.inf
        self._is_woken = True
        self._found: Any = None

    def add(self, onlooker: Onlooker) -> None:
        """Add an onlooker, who is sent it at the next look."""
        self.onlookers.add(onlooker)
        self.topic = onlooker.watch.topic
        self._is_woken = True

    def wake(self) -> None:
        """Look again soon: something may have changed."""
        self._is_woken = True

    def due_at(self, quiet_s: float) -> float:
        """When the next look is due; `quiet_s` behind the last one where nothing has happened."""
        return self.looked_at + (1 / MOST_LOOKS_PER_S if self._is_woken else quiet_s)

    def look(self, app: Flask) -> list[Onlooker]:
        """Read once and send everyone what is new to them; returns those whose stream has ended."""
        self._is_woken = False
        self.looked_at = time.monotonic()
        one = next(iter(self.onlookers))
        over = []
        # A frame that several are sent is one object; it is kept, so that no other one takes its id.
        encoded: dict[int, tuple[Frame, bytes]] = {}
        with one.seen_by_anybody(app):
            self._found = one.watch.read(self._found)
            for onlooker in self.onlookers:
                frames = onlooker.watch.frames(self._found)
                for frame in frames:
                    if id(frame) not in encoded:
                        encoded[id(frame)] = (frame, frame.as_bytes())
                if frames:
                    onlooker.send(b"".join(encoded[id(frame)][1] for frame in frames), self.looked_at)
                if any(frame.is_last for frame in frames):
                    over.append(onlooker)
        return over
