"""How long the look-ups of a page of 100 unknown contacts take, however many contacts there are."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from statistics import median
from typing import Any
from uuid import uuid4

from bench.stage import Stage
from bench.table import Figure
from tests.support.applications.app import application
from tests.support.applications.services import reading, writing
from tests.support.plain.plain import CONTACTS, remote
from tests.support.servers.sandbox_server import SandboxServer
from webapp.domain.pull.facts import Remote
from webapp.domain.records.keys import contact_keys
from webapp.models import Company, Contact
from webapp.store.database.bulk import insert_rows
from webapp.store.pull.facts import gather

_PAGE, _PAGES = 100, 30
_BATCH = 10_000
_AT_ONE_PHONE = 5_000
_COMPANIES = 5_000
_MOST_OF_SMALLEST = 2.0
_NOW = datetime(2026, 11, 26, tzinfo=UTC)
_FIELDS = ("first_name", "last_name", "email", "phone", "postcode", "company_id")
_KEYS = (
    *("name_key", "email_key", "phone_key", "sort_key", "initials_key", "place_key"),
    *("letters_key", "street_key", "house_key", "town_key", "birthday_key"),
)
_COLUMNS = ("uuid", "is_active", "is_linked", "version", "created_at", "updated_at", *_FIELDS, *_KEYS)


def measure(stage: Stage, sizes: tuple[int, ...]) -> list[Figure]:
    """Fill one database further and further, none of it linked, five thousand people at one telephone."""
    figures: list[Figure] = []
    with (
        SandboxServer().start(companies=0, contacts=0) as portal,
        stage.database("sqlite") as url,
        application(stage.settings(url, portal)) as app,
        app.app_context(),
    ):
        _add_companies()
        present = 0
        smallest_ms = 0.0
        for size in sizes:
            for first in range(present, size, _BATCH):
                _add(first, min(_BATCH, size - first))
            present = size
            ordinary_ms, shared_ms, found = _timed(size)
            smallest_ms = smallest_ms or ordinary_ms
            times = ordinary_ms / smallest_ms
            figures.append(
                Figure(
                    f"look-ups of a page of {_PAGE}, {size:,} unlinked contacts",
                    f"{ordinary_ms:.1f} ms, {times:.2f} times; at one phone of {_AT_ONE_PHONE:,} people "
                    f"{shared_ms:.1f} ms; {found:.0f} candidates",
                    f"≤ {_MOST_OF_SMALLEST:.0f} times",
                    times <= _MOST_OF_SMALLEST,
                )
            )
    return figures


def _timed(size: int) -> tuple[float, float, float]:
    """Milliseconds of an ordinary page, of one at the shared phone; candidates of an ordinary page."""
    random = Random(size)  # noqa: S311 - repeatable, not secret
    ordinary: list[float] = []
    shared: list[float] = []
    found: list[int] = []
    for _ in range(_PAGES):
        with reading() as session:
            for times, is_shared in ((ordinary, False), (shared, True)):
                page = [_stranger(random, size, number, is_shared=is_shared) for number in range(_PAGE)]
                began_s = time.perf_counter()
                around = gather(session, 1, CONTACTS, page)
                times.append((time.perf_counter() - began_s) * 1000)
                if not is_shared:
                    found.append(len(around.index.known))
            session.rollback()
    return median(ordinary), median(shared), median(found)


def _stranger(random: Random, size: int, number: int, *, is_shared: bool) -> Remote:
    """An object that resembles one of the contacts."""
    like = _values(random.randrange(size))
    phone = "+49 30 5550000" if is_shared else str(like["phone"])
    return remote(
        str(number),
        firstname=f"{like['first_name']}e",
        lastname=str(like["last_name"]),
        email=f"new{like['email']}",
        phone=phone,
        zip=str(like["postcode"]),
    )


def _add_companies() -> None:
    with writing() as session:
        table: Any = Company.__table__
        rows = [("", True, False, 1, _NOW, _NOW, f"firm {number}") for number in range(_COMPANIES)]
        columns = ("uuid", "is_active", "is_linked", "version", "created_at", "updated_at", "sort_key")
        insert_rows(session, table, columns, rows)


def _add(first: int, count: int) -> None:
    with writing() as session:
        table: Any = Contact.__table__
        insert_rows(session, table, _COLUMNS, list(_rows(first, count)))


def _rows(first: int, count: int) -> Iterator[tuple[Any, ...]]:
    for number in range(first, first + count):
        values = _values(number)
        keys = contact_keys(values)
        yield (
            *(str(uuid4()), True, False, 1, _NOW, _NOW),
            *[values[name] for name in _FIELDS],
            *[keys[name] for name in _KEYS],
        )


def _values(number: int) -> dict[str, Any]:
    """The contact with this number: a name, a postcode and a company that others have too."""
    random = Random(number)  # noqa: S311 - repeatable, not secret
    syllables = (
        "ba",
        "den",
        "fo",
        "gar",
        "hi",
        "kel",
        "lo",
        "mar",
        "ni",
        "pe",
        "ro",
        "sten",
        "tu",
        "vi",
        "wen",
        "za",
    )
    first, last = ("".join(random.choices(syllables, k=2)).capitalize() for _ in range(2))
    is_shared = number < _AT_ONE_PHONE
    return {
        "first_name": first,
        "last_name": last,
        "email": f"{first}.{last}.{number}@example.org".lower(),
        "phone": "+49 30 5550000" if is_shared else f"+49 {1_000_000_000 + number}",
        "postcode": f"{random.randrange(10_000, 99_999)}",
        "company_id": 1 + random.randrange(_COMPANIES),
    }
