"""Previews and an undo, on both databases: against the pull itself, and against those of a smaller portal."""

from typing import NamedTuple

from bench.stage import Stage, Work
from bench.table import Figure
from tests.support.servers.sandbox_server import SandboxServer

_COST_RATIO = 1.3
_MORE_MEMORY_MIB = 20.0


class Sizes(NamedTuple):
    """How many records the two portals have: (companies, contacts)."""

    large: tuple[int, int]
    small: tuple[int, int]


class _Runs(NamedTuple):
    """A pull with the preview before it, and the undo with the preview of that."""

    preview: Work
    pull: Work
    undo_preview: Work
    undo: Work


def measure(stage: Stage, sizes: Sizes) -> list[Figure]:
    """The figures of a large portal, and what a record costs there over a small one."""
    figures = []
    for kind, name in stage.databases.items():
        figures += _figures(name, sizes, _runs(stage, kind, sizes.small), _runs(stage, kind, sizes.large))
    return figures


def _runs(stage: Stage, kind: str, sizes: tuple[int, int]) -> _Runs:
    with (
        SandboxServer().start(companies=sizes[0], contacts=sizes[1]) as portal,
        stage.database(kind) as url,
        stage.connected(url, portal),
    ):
        preview = stage.run("pull", url, portal, is_preview=True)
        pull = stage.pull(url, portal)
        undo_preview = stage.undo_latest(url, portal, is_preview=True)
        return _Runs(preview, pull, undo_preview, stage.undo_latest(url, portal))


def _figures(database: str, sizes: Sizes, of_small: _Runs, of_large: _Runs) -> list[Figure]:
    named = {
        "preview of a first pull": (of_small.preview, of_large.preview),
        "preview of its undo": (of_small.undo_preview, of_large.undo_preview),
        "undo": (of_small.undo, of_large.undo),
    }
    over = f"over {sizes.small[1]:,} contacts"
    figures = []
    for label, (small, large) in named.items():
        name = f"{label}, {large.records:,} records, {database}"
        cost = large.us_per_record / small.us_per_record
        more_mib = large.memory_mib - small.memory_mib
        figures += [
            Figure(
                name,
                f"{large.took_s:.1f} s, {large.records / large.took_s:,.0f} records/s, "
                f"{large.took_s / of_large.pull.took_s:.2f} of the pull's time",
            ),
            Figure(
                f"{name}: time a record, {over}",
                f"{cost:.2f} times",
                f"≤ {_COST_RATIO:g} times",
                cost <= _COST_RATIO,
            ),
            Figure(
                f"{name}: peak memory, {over}",
                f"{more_mib:+.1f} MiB",
                f"≤ +{_MORE_MEMORY_MIB:.0f} MiB",
                more_mib <= _MORE_MEMORY_MIB,
            ),
        ]
    return figures
