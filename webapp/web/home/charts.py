"""Bars that a template draws: upwards for what came from HubSpot, downwards for what went there."""

from collections.abc import Sequence
from typing import NamedTuple

from webapp.domain.runs.changes import Slot

WIDTH, HEIGHT = 1000, 100
"""Of the drawing, which is stretched to its place."""
_GAP = 0.22
_LEAST = 1.5
"""So high is a bar at least: one change beside ten thousand is still seen."""


class Bar(NamedTuple):
    """An hour or a day: where it stands, and how high its two bars are."""

    slot: Slot
    left: float
    width: float
    up: float
    down: float


class Chart(NamedTuple):
    """A drawing: its bars, and how far from the top the line is from which they go up and down."""

    bars: list[Bar]
    line: float


def chart(slots: Sequence[Slot]) -> Chart:
    """The drawing of some hours or days; both ways have one scale."""
    most_in = max((one.came for one in slots), default=0)
    most_out = max((one.went for one in slots), default=0)
    height = HEIGHT - 2 * _LEAST
    scale = height / (most_in + most_out) if most_in + most_out else 0.0
    line = _LEAST + (most_in * scale if scale else height / 2)
    step = WIDTH / max(1, len(slots))
    return Chart(
        [
            Bar(
                slot,
                left=round(number * step + step * _GAP / 2, 1),
                width=round(step * (1 - _GAP), 1),
                up=_bar(slot.came, scale),
                down=_bar(slot.went, scale),
            )
            for number, slot in enumerate(slots)
        ],
        round(line, 1),
    )


def _bar(changes: int, scale: float) -> float:
    return round(max(_LEAST, changes * scale), 1) if changes else 0.0
