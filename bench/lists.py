"""How long a list page of many contacts takes on the server, as the Flask test client sees it."""

import time
from collections.abc import Callable
from statistics import quantiles

from flask import Flask
from flask.testing import FlaskClient

from bench import book
from bench.stage import Stage
from bench.table import Figure
from tests.support.app import application
from tests.support.sandbox_server import SandboxServer
from tests.support.services import current_services, reading
from webapp.store.connection import connections
from webapp.store.records.listing import lists as record_lists
from webapp.store.records.listing.lists import Question
from webapp.usecases.people import accounts, passwords

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

_MOST_MS = 50.0
_MOST_SEARCH_MS = 60.0
# What many have, what few have, what nobody has; words together; digits.
_SEARCHES = {
    "two letters": "an",
    "a common word": "gmbh",
    "a part of many words": "ller",
    "a rare word": "berlin",
    "what nobody has": "xyzzyx",
    "two words": "anna+muller",
    "digits": "030123",
}
_REQUESTS = 200
_EMAIL, _PASSWORD = "bench@example.com", "a long enough password"


def measure(stage: Stage, sizes: tuple[int, int], searched: int) -> list[Figure]:
    """Read lists of pulled contacts in several ways; then search a generated book on each database."""
    figures = _pulled(stage, sizes)
    for kind in ("sqlite", "postgresql") if stage.postgres is not None else ("sqlite",):
        figures += _searched(stage, kind, searched)
    return figures


def _searched(stage: Stage, kind: str, contacts: int) -> list[Figure]:
    """The time of searches while typing, by the size of the book in contacts."""
    with (
        SandboxServer().start(companies=0, contacts=0) as portal,
        stage.database(kind) as url,
        stage.connected(url, portal) as app,
    ):
        with current_services().database.reading() as session:
            connection = connections.current(session)
        assert connection is not None
        book.fill(connection.id, contacts)
        client = signed_in()(app)
        name = f"search among {contacts:,} contacts, {DATABASES[kind]}"
        return [
            timed_figure(f"{name}: {label}", client, f"/contacts?q={typed}", most_ms=_MOST_SEARCH_MS)
            for label, typed in _SEARCHES.items()
        ]


def _pulled(stage: Stage, sizes: tuple[int, int]) -> list[Figure]:
    """Pull the contacts, then read their list in several ways."""
    with (
        SandboxServer().start(companies=sizes[0], contacts=sizes[1]) as portal,
        stage.database("sqlite") as url,
    ):
        with stage.connected(url, portal):
            stage.pull(url, portal)
            deep = _cursor_in_the_middle()
            sign_in = signed_in()
        with application(stage.settings(url, portal)) as app:
            client = sign_in(app)
            addresses = {
                "first page": "/contacts",
                "page from the middle on": f"/contacts?after={deep}",
                "search by prefix": "/contacts?q=ma",
                "filter: not linked": "/contacts?linked=unlinked",
                "sorted by change": "/contacts?sort=changed",
            }
            name = f"{sizes[1]:,} contacts"
            return [timed_figure(f"{name}: {label}", client, to) for label, to in addresses.items()]


def signed_in() -> Callable[[Flask], FlaskClient]:
    """Add a user; what signs that one in with an application on the same database."""
    accounts.add(current_services(), _EMAIL, "Bench", passwords.hashed(_PASSWORD), "administrator")

    def sign_in(app: Flask) -> FlaskClient:
        client = app.test_client()
        client.post("/login", data={"email": _EMAIL, "password": _PASSWORD})
        return client

    return sign_in


def _cursor_in_the_middle() -> str:
    """A cursor is a place in the order, whichever search led there."""
    with reading() as session:
        return record_lists.page(session, "contacts", Question(search="m")).next


def timed_figure(name: str, client: FlaskClient, address: str, *, most_ms: float = _MOST_MS) -> Figure:
    """Half of the requests were answered within p50, of twenty all but one within p95."""
    times_ms = [_timed_ms(lambda: _get(client, address)) for _ in range(_REQUESTS)]
    percentiles = quantiles(times_ms, n=20)
    p50_ms, p95_ms = percentiles[9], percentiles[18]
    return Figure(
        name, f"p50 {p50_ms:.1f} ms, p95 {p95_ms:.1f} ms", f"p95 ≤ {most_ms:.0f} ms", p95_ms <= most_ms
    )


def _get(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, f"{address}: {response.status}"  # noqa: PLR2004 - OK
    assert b"<h1" in response.data, address


def _timed_ms(work: Callable[[], None]) -> float:
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) * 1000
