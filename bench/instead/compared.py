"""A first pull beside what a person would use instead, in one round: the same portal, one after the other."""

from importlib.util import find_spec

from bench.stage import Floor, Stage
from bench.table import Figure
from tests.support.servers.sandbox_server import SandboxServer

SIZE, SIZE_SMALL = (2_000, 20_000), (200, 2_000)
_OTHERS = {
    "official client and ORM": "bench.instead.official_client",
    "dlt": "bench.instead.by_dlt",
}
_NEEDS = {"dlt": "dlt"}


def measure(stage: Stage, size: tuple[int, int]) -> list[Figure]:
    """Records a second of each, and how many times as long as a first pull it takes."""
    with SandboxServer().start(companies=size[0], contacts=size[1]) as portal:
        with stage.database("sqlite") as url, stage.connected(url, portal):
            ours = stage.pull(url, portal)
        figures = [_figure("first pull, SQLite", Floor(ours.took_s, ours.cpu_s, ours.records), ours.took_s)]
        for name, module in _OTHERS.items():
            if name in _NEEDS and find_spec(_NEEDS[name]) is None:
                figures.append(Figure(name, "not installed"))
            else:
                figures.append(_figure(name, stage.by_program(module, portal), ours.took_s))
    return figures


def _figure(name: str, one: Floor, ours_s: float) -> Figure:
    cpu_us = one.cpu_s / one.records * 1e6
    return Figure(
        name,
        f"{one.took_s:.1f} s, {one.records_per_s:,.0f} records/s, {cpu_us:.0f} µs CPU a record, "
        f"{one.took_s / ours_s:.2f} times the first pull",
    )
