"""The flows that a cell disturbs: what both sides hold before, what begins it, what must hold afterwards."""

from __future__ import annotations

from tests.chaos.flows import book, duplicates, held, persons, syncs, turns, undos
from tests.chaos.flows.flow import Flow as Flow

FLOWS = (
    *syncs.FLOWS,
    *held.FLOWS,
    *duplicates.FLOWS,
    *book.FLOWS,
    *persons.FLOWS,
    *turns.FLOWS,
    *undos.FLOWS,
)
