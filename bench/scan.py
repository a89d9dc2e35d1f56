"""The time and the memory of a scan of the whole book for possible duplicates, in books of several sizes."""

import resource
import time
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import func, select

from bench.matching.noise import typed
from bench.matching.people import People
from bench.stage import Stage
from bench.table import Figure
from tests.support.applications.services import current_services, reading, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import PossibleDuplicate, Run
from webapp.store.duplicates import candidates
from webapp.store.records import records
from webapp.usecases.duplicates import scan

_MOST_TIMES = 1.5
_TWICE_TYPED = 0.02
"""The share of people who are in the book a second time, with another address and a typing error."""
_FIELDS = ("first_name", "last_name", "email", "phone", "street", "city", "postcode")
_CONTACTS_EACH = 10
_BATCH, _READ_AT_ONCE = 500, 5_000
_PAGE_BYTES = resource.getpagesize()


class _Scan(NamedTuple):
    """One scan: microseconds a record, those of the floor, memory that it added at most, pairs found."""

    record_us: float
    floor_us: float
    more_mib: float
    pairs: int


def measure(stage: Stage, sizes: tuple[int, ...]) -> list[Figure]:
    """Scan books of several sizes, of which some people are entered twice."""
    figures: list[Figure] = []
    for kind, database in stage.databases.items():
        smallest_us = 0.0
        for size in sizes:
            with (
                SandboxServer().start(companies=0, contacts=0) as portal,
                stage.database(kind) as url,
                stage.connected(url, portal),
            ):
                _fill(size)
                found = _scanned(size)
            smallest_us = smallest_us or found.record_us
            times = found.record_us / smallest_us
            figures.append(
                Figure(
                    f"scan for possible duplicates, {size:,} contacts, {database}",
                    f"{found.record_us:.0f} µs a record, {times:.2f} times; "
                    f"{found.record_us / found.floor_us:.1f} times reading them; "
                    f"{found.more_mib:+.0f} MiB; {found.pairs:,} pairs",
                    f"≤ {_MOST_TIMES} times",
                    times <= _MOST_TIMES,
                )
            )
    return figures


def _fill(size: int) -> None:
    random = Random(size)  # noqa: S311 - repeatable, not secret
    people = People(random)
    with writing() as session:
        firms: list[dict[str, Any]] = [
            {"name": f"Firm {number}", "domain": f"firm{number}.de"}
            for number in range(size // _CONTACTS_EACH)
        ]
        ids = records.insert_many(session, "companies", firms)
    present: list[dict[str, Any]] = []
    for first in range(0, size, _BATCH):
        present = [_person(people, random, ids, again_of=present) for _ in range(min(_BATCH, size - first))]
        with writing() as session:
            records.insert_many(session, "contacts", present)


def _person(
    people: People, random: Random, company_ids: list[int], *, again_of: list[dict[str, Any]]
) -> dict[str, Any]:
    """Somebody new, or a person of the batch before, typed again."""
    if again_of and random.random() < _TWICE_TYPED:
        one = random.choice(again_of)
        return {**one, "last_name": typed(one["last_name"], random), "email": people.person()["email"]}
    one = people.person()
    return {name: one[name] for name in _FIELDS} | {"company_id": random.choice(company_ids)}


def _scanned(size: int) -> _Scan:
    floor_us = _read(size)
    began_mib, most_mib = _memory_mib(), 0.0
    run_id = scan.start(current_services(), trigger="command", user_id=None).run_id
    began_s = time.perf_counter()
    while pulling.one_slice(run_id).state == "running":
        most_mib = max(most_mib, _memory_mib())
    took_s = time.perf_counter() - began_s
    most_mib = max(most_mib, _memory_mib())
    with reading() as session:
        assert session.get_one(Run, run_id).state == "finished"
        pairs = session.scalar(select(func.count()).select_from(PossibleDuplicate)) or 0
    return _Scan(took_s / size * 1e6, floor_us, most_mib - began_mib, pairs)


def _read(size: int) -> float:
    """The floor: microseconds a record that reading all contacts takes, with what is compared of them."""
    began_s = time.perf_counter()
    for first in range(1, size + 1, _READ_AT_ONCE):
        with reading() as session:
            candidates.values_of(session, "contacts", range(first, first + _READ_AT_ONCE))
    return (time.perf_counter() - began_s) / size * 1e6


def _memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * _PAGE_BYTES / 2**20
