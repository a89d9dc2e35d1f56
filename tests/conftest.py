"""The fixtures that every test may use.

Everything is real: Redis, the database, HTTP, mail, the browser. `TEST_DATABASE` says which database:
`sqlite`, `postgresql`, or `both`.
Servers run once a test run; their contents are new for each test.
"""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from redis import Redis

from tests.support.applications.app import PYTHON_PATH, application, make_settings
from tests.support.applications.served import ServedApp, served
from tests.support.applications.threaded import serving
from tests.support.databases.postgres import PostgresServer, postgres_server
from tests.support.databases.sqlite import SqliteFiles
from tests.support.samples.users import PASSWORD, add_user
from tests.support.servers.redis_server import redis_server
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.servers.scratch import scratch_folder
from tests.support.servers.smtp import Mailbox, catching_mail
from tests.support.suite import known_secrets, parts, secrets_in_output
from tests.support.suite.order import long_early
from webapp.app import services_of
from webapp.hubspot.http import limits
from webapp.models.people.users import User
from webapp.processes.queue_worker import QueueWorker
from webapp.services import Services
from webapp.settings import Settings
from webapp.usecases.people import passwords
from webapp.web.operating import health

pytest_plugins = ["tests.support.pages.browser_fixtures", "tests.support.databases.statement_places"]

# What is imported and collected stays until the end: Python's collector would find nothing in it.
gc.disable()

KINDS = ("sqlite", "postgresql")
BOTH = "both"

# Nobody listens there: a test that speaks with HubSpot asks for `sandbox`.
_NO_PORTAL = "http://127.0.0.1:9"
_MOST_OF_A_LOG = 20_000

known_secrets.remember_given()
secrets_in_output.hear_programs()
os.environ["PYTHONPATH"] = PYTHON_PATH


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With TEST_DATABASE=both, run what touches the database on each kind that it says something about."""
    if _requested() == BOTH and "databases" in metafunc.fixturenames:
        kinds = [kind for kind in KINDS if _fits(metafunc.definition, kind)]
        if _is_of_one_database(metafunc.definition):
            kinds = kinds[:1]
        metafunc.parametrize("databases", kinds, indirect=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL alone run only what touches the database. What is long begins early."""
    kept: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        kind = _kind_of(item)
        (kept if _belongs_to_this_run(item, kind) else others).append(item)
        parts.note(item, parts.part_of(item, kind))
    config.hook.pytest_deselected(items=others)
    items[:] = long_early(
        kept,
        int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
        is_long=lambda item: item.get_closest_marker("long"),
        module_of=lambda item: item.path,
    )


def pytest_collection_finish() -> None:
    """From now on collect, but not what was imported and collected."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say behind everything else what each part took."""
    parts.tell(terminalreporter)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test what its programs have printed last; fail one whose output holds a secret."""
    report = yield
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if call.when == "teardown":
        found = secrets_in_output.secrets_in_output(report.sections, folder)
        if found and item.get_closest_marker("shows_secrets") is None:
            report.outcome = "failed"
            report.longrepr = f"Secrets stand in the output: {found}"
    if report.passed and hasattr(item.config, "workerinput"):
        # Nobody reads what it has printed, which would go to the process that all report to, and stay there.
        report.sections.clear()
    if call.when == "call" and report.failed and folder is not None:
        for log in sorted(folder.rglob("*.log")):
            report.sections.append((log.name, log.read_text(errors="replace")[-_MOST_OF_A_LOG:]))
    return report


def _requested() -> str:
    return os.environ.get("TEST_DATABASE", KINDS[0])


def _kind_of(item: pytest.Item) -> str:
    """The database that a test gets if it touches one."""
    given = getattr(getattr(item, "callspec", None), "params", {}).get("databases")
    return str(given or (KINDS[0] if _requested() == BOTH else _requested()))


def _fits(node: pytest.Item, kind: str) -> bool:
    """Whether a test says anything about a kind of database: one in a browser does of SQLite alone."""
    if kind != KINDS[0] and node.get_closest_marker("browser"):
        return False
    return not any(node.get_closest_marker(other) for other in KINDS if other != kind)


def _is_of_one_database(node: pytest.Item) -> bool:
    """Whether one kind of database will do for a test."""
    marked = {mark.name for mark in node.iter_markers()}
    return "one_database" in marked and "every_database" not in marked


def _belongs_to_this_run(item: pytest.Item, kind: str) -> bool:
    """Whether a test has something to say about this kind of database, and was not run on another one."""
    touches = "databases" in getattr(item, "fixturenames", ())
    is_repeated = _requested() == BOTH and kind != KINDS[0]
    if is_repeated and _is_of_one_database(item):  # Only now are the marks of its parameters known.
        return False
    return _fits(item, kind) and (touches or _requested() != "postgresql")


@pytest.fixture(scope="session", autouse=True)
def _no_secret_in_any_log_that_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Look, at the very end, into the logs of what has served more than one test."""
    yield
    left = secrets_in_output.logs_in(tmp_path_factory.getbasetemp())
    assert [(name, kinds) for name, text in left if (kinds := known_secrets.kinds_in(text))] == []


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords as the product does, with the least work: a strong hash takes 50 ms on purpose."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def _quiet_about_workers() -> Iterator[None]:
    """Few tests run workers, and no page is to miss them; which test is the thirtieth second is chance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "QUIET_S", math.inf)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_collection_behind_jobs() -> Iterator[None]:
    """A worker collects behind a job: in this process it would walk all that the tests keep."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QueueWorker, "_collects_at_s", math.inf)
        yield


@pytest.fixture(scope="session", autouse=True)
def _searches_at_once() -> Iterator[None]:
    """A pull begins with two searches, of which HubSpot takes five a second: the next would wait for that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(limits.UNANNOUNCED, "search", (500, 1_000))
        yield


@pytest.fixture
def searches_as_in_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches are held to HubSpot's own limit, as the product does without a word from HubSpot."""
    monkeypatch.setitem(limits.UNANNOUNCED, "search", (5, 1_000))


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each test has an application of its own, which would compile every template anew.

    So would each process of the suite, and each program that a test starts.
    """
    folder = tmp_path_factory.getbasetemp()
    # That of the run has one for each process in it.
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "templates"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", FileSystemBytecodeCache(str(folder)))
        yield


@pytest.fixture(scope="session")
def database_servers() -> Iterator[Callable[[str], SqliteFiles | PostgresServer]]:
    """What makes migrated, empty databases of a kind; begun when the first test needs it."""
    begun: dict[str, SqliteFiles | PostgresServer] = {}
    with ExitStack() as stack:

        def of_kind(kind: str) -> SqliteFiles | PostgresServer:
            if kind not in KINDS:
                raise ValueError(f"TEST_DATABASE: expected {BOTH} or one of {KINDS}, not {kind}")
            if kind not in begun and kind == "postgresql":
                begun[kind] = stack.enter_context(postgres_server())
            elif kind not in begun:
                begun[kind] = SqliteFiles(stack.enter_context(scratch_folder("twinbook-sqlite-")))
            return begun[kind]

        yield of_kind


@pytest.fixture
def databases(
    request: pytest.FixtureRequest, database_servers: Callable[[str], SqliteFiles | PostgresServer]
) -> SqliteFiles | PostgresServer:
    """What makes a migrated, empty database; its kind is chosen by TEST_DATABASE."""
    return database_servers(getattr(request, "param", _requested()))


@pytest.fixture
def database_url(databases: SqliteFiles | PostgresServer) -> Iterator[str]:
    """A migrated, empty database."""
    with databases.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    """A running Redis."""
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A running Redis that is empty."""
    with Redis.from_url(redis_server_url) as client:
        client.flushall()
    return redis_server_url


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Mailbox]:
    """A mail server that keeps what it is given."""
    with catching_mail() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(mail_server: Mailbox) -> Mailbox:
    """What the application of this test mails arrives in `mailbox.messages`."""
    mail_server.clear()
    return mail_server


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[SandboxServer]:
    """A sandbox portal in a process of its own."""
    with SandboxServer().start(companies=0, contacts=0) as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> SandboxServer:
    """The sandbox portal, empty and as new; the application of this test speaks with it."""
    sandbox_server.restore_defaults()
    return sandbox_server


@pytest.fixture(scope="session")
def instance_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of the applications, in which no test leaves anything that matters."""
    return tmp_path_factory.mktemp("instance")


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, instance_path: Path, database_url: str, redis_url: str
) -> Settings:
    """The settings of this test's application, pointed at `sandbox` or `mailbox` when asked for."""
    values: dict[str, Any] = {"redis_url": redis_url}
    portal = request.getfixturevalue("sandbox").url if "sandbox" in request.fixturenames else _NO_PORTAL
    values |= {"hubspot_api_url": portal, "hubspot_app_url": portal}
    values |= {"hubspot_client_id": "sandbox-client", "hubspot_client_secret": "sandbox-secret"}
    if "mailbox" in request.fixturenames:
        mailbox = request.getfixturevalue("mailbox")
        values |= {"mail_server": mailbox.host, "mail_port": mailbox.port}
        values |= {"mail_default_sender": "twinbook@example.com"}
    return make_settings(instance_path, database_url, **values)


@pytest.fixture
def has_own_app() -> bool:
    """Whether the tests do things to their application after which no other test may have it.

    What they change of its configuration, services and extensions is put back by itself. Where it is one test
    of a module: `@pytest.mark.parametrize("has_own_app", [True])`.
    """
    return False


@pytest.fixture
def app(settings: Settings, *, has_own_app: bool) -> Iterator[Flask]:
    """An application on a fresh database and an empty Redis. No context is pushed; see `in_app`."""
    with application(settings, is_own=has_own_app) as app:
        yield app


@pytest.fixture
def services(app: Flask) -> Services:
    """What the application's use cases work with."""
    return services_of(app)


@pytest.fixture
def served_app(settings: Settings, sandbox: SandboxServer, tmp_path: Path) -> Iterator[ServedApp]:
    """The application with real web and worker processes, against the sandbox portal."""
    assert settings.hubspot_api_url == sandbox.url
    with served(settings, tmp_path) as app:
        yield app


@pytest.fixture
def served_pages(app: Flask) -> Iterator[str]:
    """The address of the application's pages, for a browser. Nothing works behind them: see `served_app`.

    Forms need their tokens, as in real life.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        with serving(app) as address:
            yield address


@pytest.fixture
def in_app(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed, for tests of what lies behind the pages.

    Not together with `client`: a request within a pushed context would share its session and its user.
    """
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who is not logged in."""
    return app.test_client()


@pytest.fixture
def administrator(app: Flask) -> User:
    """A person who may do everything; the password is PASSWORD."""
    return add_user(app, "ada@example.com", "Ada Administrator", "administrator")


@pytest.fixture
def member(app: Flask) -> User:
    """A person without an administrator's rights; the password is PASSWORD."""
    return add_user(app, "mem@example.com", "Mem Member", "member")


@pytest.fixture
def logged_in(app: Flask) -> Callable[[User], FlaskClient]:
    """Makes a client in which a person has logged in."""

    def log_in(user: User) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/login", data={"email": user.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return log_in
