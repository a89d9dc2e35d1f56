"""Pulls of a million contacts, on both databases: time a record and memory, over those of ten thousand."""

from collections.abc import Callable

from bench.pull.pulls import pull_twice
from bench.stage import Stage, Work
from bench.table import Figure
from tests.support.servers.sandbox_server import SandboxServer

SMALL = (1_000, 10_000)
_COST_RATIO = 1.3
_MORE_MEMORY_MIB = 20.0


def measure(stage: Stage, size: tuple[int, int], report: Callable[[str], None]) -> list[Figure]:
    """The figures of a first and an unchanged pull of a portal with `size`: (companies, contacts)."""
    figures = []
    with (
        SandboxServer().start(companies=size[0], contacts=size[1]) as large,
        SandboxServer().start(companies=SMALL[0], contacts=SMALL[1]) as small,
    ):
        for kind, database in stage.databases.items():
            of_small = pull_twice(stage, kind, small)
            of_large = pull_twice(stage, kind, large)
            for name, few, many in zip(("first", "unchanged"), of_small, of_large, strict=True):
                found = _figures(f"{name} pull, {size[1]:,} contacts, {database}", few, many)
                report("; ".join(f"{one.name}: {one.measured}" for one in found))
                figures += found
    return figures


def _figures(name: str, few: Work, many: Work) -> list[Figure]:
    cost = many.us_per_record / few.us_per_record
    more_mib = many.memory_mib - few.memory_mib
    cpu_us = many.cpu_s / many.records * 1e6
    return [
        Figure(
            name,
            f"{many.took_s:.1f} s, {many.records / many.took_s:,.0f} records/s, "
            f"{cpu_us:.0f} µs worker CPU a record, {many.memory_mib:.0f} MiB at most",
        ),
        Figure(
            f"{name}: time a record, over {SMALL[1]:,}",
            f"{cost:.2f} times",
            f"≤ {_COST_RATIO:g} times",
            cost <= _COST_RATIO,
        ),
        Figure(
            f"{name}: peak memory, over {SMALL[1]:,}",
            f"{more_mib:+.1f} MiB",
            f"≤ +{_MORE_MEMORY_MIB:.0f} MiB",
            more_mib <= _MORE_MEMORY_MIB,
        ),
    ]
