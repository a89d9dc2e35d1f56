"""The figures as a table: aim, measured, verdict."""

from collections.abc import Sequence
from typing import NamedTuple

_HEADINGS = ("", "aim", "measured", "verdict")


class Figure(NamedTuple):
    """One line. `is_met` is None for what is measured without an aim."""

    name: str
    measured: str
    aim: str = ""
    is_met: bool | None = None

    def verdict(self) -> str:
        """Whether the aim was met, as a cell of the table."""
        return "" if self.is_met is None else "met" if self.is_met else "MISSED"


def as_table(figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    rows = [_HEADINGS, *((one.name, one.aim, one.measured, one.verdict()) for one in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)
