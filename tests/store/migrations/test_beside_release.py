"""0.1.0 itself, at work on a database while this version upgrades it, and afterwards until it is replaced."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.support.applications import release
from tests.support.applications.app import ROOT, make_settings, program_environment
from tests.support.applications.release import Running, Version
from tests.support.applications.worker_process import wait_until
from tests.support.databases.lock_waits import LockWaits
from tests.support.databases.postgres import PostgresServer
from tests.support.databases.sqlite import SqliteFiles
from tests.support.pages.at_work import AtWork
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from webapp.store.database.engine import APPLICATION_NAME

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not release.is_at_hand(),
        reason="git has no history back to 0.1.0 here: git fetch --unshallow",
    ),
]

# What 0.1.0 does is refused where it waits longer than this for a lock, which it would not notice by itself.
_LOCK_TIMEOUT = "&options=-c%20lock_timeout%3D5s"
_EMAIL = "ada@example.com"


class Book(NamedTuple):
    """A book of 0.1.0, and both versions.

    Attributes:
        release: The version before.
        present: This version.
        engine: The database.
        portal: HubSpot.
    """

    release: Version
    present: Version
    engine: Engine
    portal: SandboxServer

    def rows(self, statement: str, **values: object) -> list[Any]:
        """What a statement finds."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values).all())

    def change(self, statement: str) -> None:
        """Have statements change the database."""
        with self.engine.begin() as connection:
            # The driver itself takes several of them at once.
            connection.connection.cursor().execute(statement)


@pytest.fixture
def portal() -> Iterator[SandboxServer]:
    """A portal with data as people leave them."""
    with SandboxServer().start(companies=120, contacts=500) as server:
        yield server


@pytest.fixture
def book(
    databases: PostgresServer | SqliteFiles, redis_url: str, portal: SandboxServer, tmp_path: Path
) -> Iterator[Book]:
    """A book that 0.1.0 has made and connected."""
    if isinstance(databases, PostgresServer):
        with databases.unmigrated() as url:
            yield from book_at(url, f"{url}{_LOCK_TIMEOUT}", redis_url, portal, tmp_path)
    else:
        url = f"sqlite:///{tmp_path / 'book.db'}"
        yield from book_at(url, url, redis_url, portal, tmp_path)


def book_at(
    url: str, url_of_release: str, redis_url: str, portal: SandboxServer, folder: Path
) -> Iterator[Book]:
    release_program = release.unpacked(folder / "release")
    versions = [
        Version(
            program,
            program_environment(
                make_settings(folder / "instance", address, redis_url=redis_url, hubspot_api_url=portal.url)
            ),
            folder,
        )
        for program, address in ((release_program, url_of_release), (ROOT, url))
    ]
    engine = create_engine(url)
    made = Book(versions[0], versions[1], engine, portal)
    made.release.flask("db", "upgrade")
    made.release.flask("connect", "--token-stdin", typed=TOKEN)
    try:
        yield made
    finally:
        engine.dispose()


@pytest.mark.postgresql
def test_nobody_notices_the_upgrade_of_postgresql(
    book: Book, databases: PostgresServer, request: pytest.FixtureRequest
) -> None:
    book.release.flask("users", "add", _EMAIL, "--name", "Ada", "--admin", typed=PASSWORD)
    book.change(_ROWS)
    programs: list[Running] = []
    request.addfinalizer(lambda: end(programs))
    web, worker = book.release.web(), book.release.worker()
    programs += [web, worker]
    web.await_answer()
    people = [AtWork(name, _EMAIL, PASSWORD, web.url) for name in ("Ada", "Mem")]
    request.addfinalizer(lambda: send_home(people))
    for one in people:
        one.start()
    with databases.watching_locks(apart_from=APPLICATION_NAME) as waits:
        upgrade_beside_a_pull(book, people, waits)
    assert_the_release_goes_on(book, people)
    held = held_by_the_release(book)
    worker.end()
    programs.append(book.present.worker())
    await_more_work(people)
    programs.append(next_web := book.present.web())
    next_web.await_answer()
    for one in people:
        one.move_to(next_web.url)
    await_more_work(people)
    web.end()
    send_home(people)
    assert [one.failed for one in people] == [[], []]
    book.present.flask("pull", "--wait")
    assert_nothing_is_lost_or_doubled(book, held, [name for one in people for name in one.added])
    assert_pushed_once(book, [name for one in people for name in one.pushed])


@pytest.mark.sqlite
def test_nothing_is_lost_on_sqlite_where_both_are_stopped_meanwhile(
    book: Book, request: pytest.FixtureRequest
) -> None:
    programs = [worker := book.release.worker()]
    request.addfinalizer(lambda: end(programs))
    book.release.flask("pull", "--wait")
    held = held_by_the_release(book)
    worker.end()
    book.present.flask("db", "upgrade")
    programs.append(book.present.worker())
    book.present.flask("pull", "--wait")
    assert_nothing_is_lost_or_doubled(book, held, [])


# Rows that take the upgrade its time.
_ROWS = """
INSERT INTO companies (name, domain, uuid, is_active, version, created_at, updated_at, sort_key, name_key)
SELECT 'Bestand ' || n, 'bestand' || n || '.example', gen_random_uuid(), true, 1, now(), now(),
  'bestand ' || n, 'bestand ' || n
FROM generate_series(1, 1500) AS n;
INSERT INTO contacts
  (first_name, last_name, email, uuid, is_active, version, created_at, updated_at, sort_key, name_key)
SELECT 'Erika' || n, 'Bestand' || n, 'erika' || n || '@bestand.example', gen_random_uuid(), true, 1,
  now(), now(), 'bestand ' || n, 'bestand ' || n
FROM generate_series(1, 1500) AS n;
INSERT INTO runs (connection_id, kind, trigger, state, is_preview, options, created_at, started_at,
  touched_at, finished_at, checkpoint, counts, totals, last_seq, api_calls, fence, attempts)
SELECT id, 'push', 'button', 'finished', false, '{}', now(), now(), now(), now(), '{}', '{}', '{}', 1500,
  0, 0, 0
FROM connections;
INSERT INTO log_entries (run_id, seq, at, object_type, record_id, name, outcome)
SELECT runs.id, n, now(), 'contacts', n, 'Bestand', 'updated' FROM runs, generate_series(1, 1500) AS n
"""
# It rewrites a row as slowly as if each had to be fetched from a disk: others miss a table that it keeps from
# them meanwhile.
_SLOWLY = """
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('application_name') = '{name}' THEN PERFORM pg_sleep(0.001); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER slowly BEFORE UPDATE ON companies FOR EACH ROW EXECUTE FUNCTION slowly();
CREATE TRIGGER slowly BEFORE UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION slowly();
CREATE TRIGGER slowly BEFORE UPDATE ON links FOR EACH ROW EXECUTE FUNCTION slowly();
CREATE TRIGGER slowly BEFORE UPDATE ON remote_objects FOR EACH ROW EXECUTE FUNCTION slowly();
CREATE TRIGGER slowly BEFORE UPDATE ON log_entries FOR EACH ROW EXECUTE FUNCTION slowly()
"""


def upgrade_beside_a_pull(book: Book, people: list[AtWork], waits: LockWaits) -> None:
    """Upgrade while an answer of HubSpot's is on its way, which arrives in the midst of it."""
    await_more_work(people)
    [(before,)] = revision(book)
    book.portal.fault("hold", method="GET", path="/crm/objects/*", after=2)
    book.release.flask("pull")
    wait_until(lambda: book.portal.held() == 1, "the Pull reads contacts")
    book.change(_SLOWLY.format(name=APPLICATION_NAME))
    upgrade = book.present.begin("db", "upgrade")
    wait_until(lambda: revision(book) != [(before,)], "the upgrade has begun")
    book.portal.release()
    assert upgrade.exit_code() == 0
    book.change("DROP FUNCTION slowly() CASCADE")
    assert waits.for_it() == []
    assert waits.refused() == []


def revision(book: Book) -> list[Any]:
    return book.rows("SELECT version_num FROM alembic_version")


def assert_the_release_goes_on(book: Book, people: list[AtWork]) -> None:
    await_more_work(people)
    told = json.loads(book.release.flask("pull", "--wait", "--json"))
    assert told["state"] == "finished", told
    assert {state for (state,) in book.rows("SELECT state FROM runs WHERE kind = 'pull'")} == {"finished"}


def await_more_work(people: list[AtWork]) -> None:
    """Wait until everybody has gone through all that they do once more, from its beginning to its end."""
    for one in people:
        seen = len(one.pushed) + 2
        wait_until(partial(one.has_pushed, seen), "work goes on")


def send_home(people: list[AtWork]) -> None:
    for one in people:
        one.go_home()


def end(programs: list[Running]) -> None:
    for one in programs:
        one.end()


def held_by_the_release(book: Book) -> set[tuple[str, str]]:
    """The objects of which 0.1.0 has made no record: one looks alike, or has its company."""
    found = book.rows("SELECT object_type, remote_id FROM remote_objects WHERE state IN ('held', 'unlinked')")
    return {(object_type, remote_id) for object_type, remote_id in found}


def assert_nothing_is_lost_or_doubled(book: Book, held: set[tuple[str, str]], added: list[str]) -> None:
    created = book.rows(
        "SELECT object_type, remote_id FROM log_entries WHERE outcome = 'created' AND run_id ="
        " (SELECT max(id) FROM runs WHERE kind = 'pull')"
    )
    assert created
    assert {(object_type, remote_id) for object_type, remote_id in created} <= held
    links = book.rows("SELECT object_type, record_id, remote_id FROM links")
    for what in (1, 2):
        assert max(Counter((row[0], row[what]) for row in links).values()) == 1
    [(lost,)] = book.rows(
        "SELECT count(*) FROM links WHERE object_type = 'companies'"
        " AND record_id NOT IN (SELECT id FROM companies)"
    )
    assert lost == 0
    names = Counter(name for (name,) in book.rows("SELECT name FROM companies"))
    assert [name for name in added if names[name] != 1] == []


def assert_pushed_once(book: Book, pushed: list[str]) -> None:
    unfinished = "SELECT id FROM runs WHERE state NOT IN ('finished', 'failed', 'cancelled')"
    wait_until(lambda: book.rows(unfinished) == [], "everything is pushed")
    there = Counter(names_in(book.portal))
    assert [name for name in pushed if there[name] != 1] == []


def names_in(portal: SandboxServer) -> Iterator[str]:
    """The names of the portal's companies."""
    after: str | None = "0"
    while after:
        page = portal.api("GET", f"/crm/v3/objects/companies?limit=100&properties=name&after={after}").json()
        for one in page["results"]:
            yield one["properties"]["name"]
        after = page.get("paging", {}).get("next", {}).get("after")
