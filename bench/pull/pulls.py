"""Pulls of a large and of a small portal, in rounds with the floor between them: noise meets all alike."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from bench.stage import Floor, Stage, Work
from bench.table import Figure
from tests.support.servers.sandbox_server import SandboxServer

FLOOR_RECORDS_PER_S = 20_000
_FIRST_PULL_FLOORS = {"SQLite": 4.5, "PostgreSQL": 6.0}
_UNCHANGED_PULL_FLOORS = {"SQLite": 2.5, "PostgreSQL": 3.0}
_MORE_MEMORY_MIB = 20.0
_COST_RATIO = 1.2


class Sizes(NamedTuple):
    """How many records the two portals have: (companies, contacts)."""

    large: tuple[int, int]
    small: tuple[int, int]


LARGE = Sizes(large=(10_000, 100_000), small=(1_000, 10_000))
SMALL = Sizes(large=(2_000, 20_000), small=(200, 2_000))


class OnPostgres(NamedTuple):
    """The floor and both pulls on PostgreSQL."""

    floor: Floor
    first: Work
    unchanged: Work


class Round(NamedTuple):
    """One of each; those on PostgreSQL are None where no server is installed."""

    floor: Floor
    first: Work
    unchanged: Work
    small: Work
    by_two: Work
    postgres: OnPostgres | None


def measure(
    stage: Stage, sizes: Sizes, rounds: int, report: Callable[[str], None]
) -> tuple[list[Figure], bool]:
    """The figures of `rounds` rounds, and whether they count: a slow floor makes them void."""
    with (
        SandboxServer().start(companies=sizes.large[0], contacts=sizes.large[1]) as large,
        SandboxServer().start(companies=sizes.small[0], contacts=sizes.small[1]) as small,
    ):
        done = []
        for number in range(1, rounds + 1):
            done.append(_round(stage, large, small))
            report(f"round {number}: {_in_short(done[-1])}")
    is_valid = median(one.floor.records_per_s for one in done) >= FLOOR_RECORDS_PER_S
    return _figures(done, sizes), is_valid


def _round(stage: Stage, large: SandboxServer, small: SandboxServer) -> Round:
    floor = stage.floor(large)
    first, unchanged = pull_twice(stage, "sqlite", large)
    with stage.database("sqlite") as url, stage.connected(url, small):
        of_small = stage.pull(url, small)
    with stage.database("sqlite") as url, stage.connected(url, large):
        by_two = stage.run("pull", url, large, workers=2)
    on_postgres = None
    if stage.postgres is not None:
        on_postgres = OnPostgres(stage.postgres_floor(large), *pull_twice(stage, "postgresql", large))
    return Round(floor, first, unchanged, of_small, by_two, on_postgres)


def pull_twice(stage: Stage, kind: str, portal: SandboxServer) -> tuple[Work, Work]:
    """A first pull, and one that finds nothing new, which must have changed nothing."""
    with stage.database(kind) as url, stage.connected(url, portal):
        first, unchanged = stage.pull(url, portal), stage.pull(url, portal)
    for outcomes in unchanged.counts.values():
        assert not outcomes.get("created"), outcomes
        assert not outcomes.get("updated"), outcomes
    return first, unchanged


def _in_short(one: Round) -> str:
    parts = [("SQLite", one.floor, one.first, one.unchanged)]
    parts += [("PostgreSQL", *one.postgres)] if one.postgres is not None else []
    return "; ".join(
        f"{name} floor {floor.took_s:.1f} s, first pull {first.took_s:.1f} s, "
        f"unchanged {unchanged.took_s:.1f} s"
        for name, floor, first, unchanged in parts
    )


def _figures(done: Sequence[Round], sizes: Sizes) -> list[Figure]:
    floor_s = median(one.floor.took_s for one in done)
    floor_per_s = median(one.floor.records_per_s for one in done)
    floor_us = median(one.floor.cpu_s / one.floor.records for one in done) * 1e6
    more_mib = median(one.first.memory_mib - one.small.memory_mib for one in done)
    cost_ratio = median(one.first.us_per_record / one.small.us_per_record for one in done)
    by_two = median(one.by_two.took_s / one.first.took_s for one in done)
    contacts = sizes.large[1]
    figures = [
        Figure(
            "floor: requests, JSON, bulk insert",
            f"{floor_s:.2f} s, {floor_per_s:,.0f} records/s, {floor_us:.0f} µs CPU a record",
            f"≥ {FLOOR_RECORDS_PER_S:,} records/s",
            floor_per_s >= FLOOR_RECORDS_PER_S,
        ),
        *_against_floor("SQLite", [(one.floor, one.first, one.unchanged) for one in done]),
        Figure(
            f"peak memory, {contacts:,} contacts over {sizes.small[1]:,}",
            f"{more_mib:+.1f} MiB ({median(one.small.memory_mib for one in done):.0f} MiB before)",
            f"≤ +{_MORE_MEMORY_MIB:.0f} MiB",
            more_mib <= _MORE_MEMORY_MIB,
        ),
        _ratio(f"time a record, {contacts:,} contacts over {sizes.small[1]:,}", cost_ratio, _COST_RATIO),
        Figure("first pull, SQLite, two workers", f"{by_two:.2f} times as long as with one"),
    ]
    on_postgres = [one.postgres for one in done if one.postgres is not None]
    return figures + (_against_floor("PostgreSQL", on_postgres) if on_postgres else [])


def _against_floor(database: str, done: Sequence[tuple[Floor, Work, Work]]) -> list[Figure]:
    """Both pulls of a database, and what they are of the floor of their round: in time, and in CPU."""
    first, unchanged = (f"{name} pull, {database}" for name in ("first", "unchanged"))
    floors = [floor for floor, *_ in done]
    figures = []
    for name, pulls, most in (
        (first, [one for _, one, _ in done], _FIRST_PULL_FLOORS[database]),
        (unchanged, [one for *_, one in done], _UNCHANGED_PULL_FLOORS[database]),
    ):
        ratio = median(pull.took_s / floor.took_s for pull, floor in zip(pulls, floors, strict=True))
        of_cpu = median(pull.cpu_s / floor.cpu_s for pull, floor in zip(pulls, floors, strict=True))
        figures += [
            *_of_pulls(name, pulls),
            _ratio(f"{name}, against the floor", ratio, most),
            Figure(f"{name}, CPU against the floor's", f"{of_cpu:.2f} times"),
        ]
    return figures


def _of_pulls(name: str, pulls: Sequence[Work]) -> list[Figure]:
    per_s = median(one.records / one.took_s for one in pulls)
    cpu_us = median(one.cpu_s / one.records for one in pulls) * 1e6
    statements = median(one.statements / one.calls for one in pulls)
    memory_mib = median(one.memory_mib for one in pulls)
    took_s = median(one.took_s for one in pulls)
    return [
        Figure(name, f"{took_s:.1f} s, {per_s:,.0f} records/s, {cpu_us:.0f} µs worker CPU a record"),
        Figure(
            f"{name}, statements and memory",
            f"{statements:.1f} statements a page, {memory_mib:.0f} MiB at most",
        ),
    ]


def _ratio(name: str, ratio: float, most: float) -> Figure:
    return Figure(name, f"{ratio:.2f} times", f"≤ {most:g} times", ratio <= most)
