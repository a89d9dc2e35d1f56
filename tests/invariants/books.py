"""People on both sides, pushes, pulls, webhook events, comparisons, faults, killed workers, in any order."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.invariants.aftermath import Aftermath
from tests.invariants.moves import Moves
from tests.invariants.side_by_side import SideBySide
from tests.invariants.troubles import Troubles


class Books(SideBySide, Troubles, Moves, Aftermath):
    """All steps."""

    @initialize(first=st.sampled_from(("", "pull", "push")))
    def begin(self, first: str) -> None:
        """Every example begins with companies and contacts on either side and on both, synced or not."""
        self.world.begin()
        for side in ("here", "there", "both"):
            self.add("companies", side, is_known=True)
            self.add("contacts", side, is_known=True)
        if first:
            self.run_bulk(first)
