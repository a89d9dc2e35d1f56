"""The generated pairs by which matching is judged: the same ones in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_PROJECT = Path(__file__).parents[3]
# Italy's towns come out of the package in another order in each process.
_MAKES_PAIRS = """
from random import Random
from bench.matching.people import People
people = People(Random(5), ("it_IT",))
print([people.same() for _ in range(9)])
"""


def test_one_seed_makes_the_same_pairs_in_every_process() -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _MAKES_PAIRS],
            cwd=_PROJECT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    one, other = (process.communicate()[0] for process in started)
    assert "street" in one
    assert one == other
