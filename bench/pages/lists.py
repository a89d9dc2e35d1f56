"""How long a list page of many contacts takes on the server, as the Flask test client sees it."""

import time
from collections.abc import Callable
from statistics import quantiles

from flask import Flask
from flask.testing import FlaskClient

from bench import book, troubles
from bench.stage import Stage
from bench.table import Figure
from tests.support.applications.app import application
from tests.support.applications.services import current_services, reading
from tests.support.servers.sandbox_server import SandboxServer
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
# Every other page of a large book; `{run}` is a run that names every contact.
_PAGES = {
    "home": "/",
    "contacts": "/contacts",
    "the last changed": "/contacts?sort=changed",
    "not linked": "/contacts?linked=unlinked",
    "in sync": "/contacts?linked=in_sync",
    "held, the last changed": "/contacts?linked=held&sort=changed",
    "failing, by name": "/contacts?linked=failing",
    "waiting, the last changed": "/contacts?linked=pending&sort=changed",
    "a company": "/companies/77",
    "history of a contact": "/contacts/51/history",
    "Needs you": "/held",
    "Needs you, one reason": "/held?type=contacts&reason=doubtful_match",
    "held in a Push": "/held/records",
    "Failing": "/held/failing",
    "Failing, one cause": "/held/failing?reason=refused_by_hubspot&property=email&type=contacts",
    "Not imported": "/held/not-imported",
    "possible duplicates": "/duplicates?type=contacts",
    "possible duplicates, one sign": "/duplicates?type=contacts&sign=same_phone",
    "possible duplicates, searched": "/duplicates?type=contacts&q=mu",
    "all runs": "/sync-log",
    "log of a run": "/sync-log/{run}",
    "log of a run, held": "/sync-log/{run}?outcome=held",
    "log of a run, by name": "/sync-log/{run}?q=Contact+9999",
    "before a change of all": "/contacts/changes?do=deactivate&which=all",
    "before a change of what is found": "/contacts/changes?do=deactivate&which=all&q=gmbh",
    "before a deletion of all": "/contacts/deletion?which=all",
}
_MOST_PAGE_MS = 100.0
_REQUESTS = 200
_PAGE_REQUESTS = 50
_EMAIL, _PASSWORD = "bench@example.com", "a long enough password"


def measure(stage: Stage, sizes: tuple[int, int], searched: int) -> list[Figure]:
    """Read lists of pulled contacts in several ways; then search a generated book on each database."""
    figures = _pulled(stage, sizes)
    for kind in ("sqlite", "postgresql") if stage.postgres is not None else ("sqlite",):
        figures += _searched(stage, kind, searched)
    return figures


def _searched(stage: Stage, kind: str, contacts: int) -> list[Figure]:
    """The time of searches while typing, and of every other page, by the size of the book in contacts."""
    with (
        SandboxServer().start(companies=0, contacts=0) as portal,
        stage.database(kind) as url,
        stage.connected(url, portal) as app,
    ):
        with current_services().database.reading() as session:
            connection = connections.current(session)
        assert connection is not None
        book.fill(connection.id, contacts)
        run_id = troubles.fill(connection.id, contacts)
        with current_services().database.writing() as session:
            book.tell_the_planner(session)
        client = signed_in()(app)
        name = f"search among {contacts:,} contacts, {DATABASES[kind]}"
        searches = [
            timed_figure(f"{name}: {label}", client, f"/contacts?q={typed}", most_ms=_MOST_SEARCH_MS)
            for label, typed in _SEARCHES.items()
        ]
        return searches + [
            timed_figure(
                f"{contacts:,} contacts, {DATABASES[kind]}: {label}",
                client,
                address.format(run=run_id),
                most_ms=_MOST_PAGE_MS,
                requests=_PAGE_REQUESTS,
            )
            for label, address in _PAGES.items()
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


def timed_figure(
    name: str, client: FlaskClient, address: str, *, most_ms: float = _MOST_MS, requests: int = _REQUESTS
) -> Figure:
    """Half of the requests were answered within p50, of twenty all but one within p95."""
    times_ms = [_timed_ms(lambda: _get(client, address)) for _ in range(requests)]
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
