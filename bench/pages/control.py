"""What keeps a person in control, at 100,000 records: rules tried, the Held pages and lists."""

import time
from typing import Any

from bench import troubles
from bench.pages.lists import signed_in, timed_figure
from bench.stage import Stage
from bench.table import Figure
from tests.support.applications.app import application
from tests.support.applications.services import current_services, reading, writing
from tests.support.servers.sandbox_server import SandboxServer
from webapp.domain.rules.rule import Condition, Rule
from webapp.store.connection import connections
from webapp.store.records import records
from webapp.store.rules import rules
from webapp.usecases.rules import trials as rule_trials
from webapp.usecases.rules.trials import Question

_TRIAL_S, _ESTIMATE_S = 5.0, 2.0
_PAGE_MS = 80.0
_OWN = Rule(conditions=(Condition("city", "is", "Bonn"), Condition("last_name", "is_not_blank")))
# Of a list that a rule makes, what excludes hardly anybody is the worst case.
_RARE = Rule(conditions=(Condition("last_name", "is_not", "Last77"),))
_COMPANYS = Rule(conditions=(Condition("company.city", "is", "Bonn"),))


def measure(stage: Stage, sizes: tuple[int, int], held: int) -> list[Figure]:
    """Fill a book that is linked to nothing, hold some of it, and measure."""
    with (
        SandboxServer().start(companies=0, contacts=0) as portal,
        stage.database("sqlite") as url,
    ):
        with stage.connected(url, portal):
            _fill(*sizes)
            troubles.hold(1, held)
            figures = [
                _trial(f"rule tried on {sizes[1]:,} contacts: two questions", _OWN),
                _trial(f"rule tried on {sizes[1]:,} contacts: one about the company", _COMPANYS),
            ]
            with writing() as session:
                rules.save(session, 1, "contacts", "out", _RARE)
            signed_in_as = signed_in()
        with application(stage.settings(url, portal)) as app:
            client = signed_in_as(app)
            addresses = {
                "Held in a pull": "/held",
                "Held in a pull, one reason": "/held?type=contacts&reason=doubtful_match",
                "Held in a push": "/held/records",
                "failing, by cause": "/held/failing",
                "failing, one cause": "/held/failing?reason=refused_by_hubspot&property=email&type=contacts",
                "Not imported": "/held/not-imported",
                "contacts that are held": "/contacts?linked=held",
                "contacts that fail": "/contacts?linked=failing",
                "contacts that the rules exclude": "/contacts?linked=excluded",
                "contacts in sync, of which there is none": "/contacts?linked=in_sync",
            }
            name = f"{sizes[1]:,} contacts, {held:,} held"
            figures += [
                timed_figure(f"{name}: {label}", client, to, most_ms=_PAGE_MS)
                for label, to in addresses.items()
            ]
    return figures + _estimates(stage, sizes)


def _fill(companies: int, contacts: int) -> None:
    cities = ("Bonn", "Ulm", "Kiel", "Jena")
    with writing() as session:
        firms = records.insert_many(
            session,
            "companies",
            [
                {"name": f"Firm {n}", "domain": f"firm{n}.de", "city": cities[n % len(cities)]}
                for n in range(companies)
            ],
        )
        people: list[dict[str, Any]] = [
            {
                "company_id": firms[n % companies],
                "first_name": f"First{n}",
                "last_name": f"Last{n}",
                "email": f"p{n}@firm{n % companies}.de",
                "city": cities[n % len(cities)],
            }
            for n in range(contacts)
        ]
        records.insert_many(session, "contacts", people)


def _trial(name: str, rule: Rule) -> Figure:
    with reading() as session:
        connection = connections.current(session)
    assert connection is not None
    began_s = time.perf_counter()
    trial = rule_trials.trial(current_services(), Question(connection.id, "contacts", "out", rule))
    took_s = time.perf_counter() - began_s
    assert 0 < trial.admitted_then < trial.seen
    how, most_s = (f"from {trial.sample:,}", _ESTIMATE_S) if trial.is_estimate else ("exact", _TRIAL_S)
    return Figure(name, f"{took_s:.2f} s, {how}", f"≤ {most_s:.0f} s", took_s <= most_s)


def _estimates(stage: Stage, sizes: tuple[int, int]) -> list[Figure]:
    """A rule tried on three times as many, and counted exactly in the background."""
    many = (sizes[0], 3 * sizes[1])
    with (
        SandboxServer().start(companies=0, contacts=0) as portal,
        stage.database("sqlite") as url,
        stage.connected(url, portal),
    ):
        _fill(*many)
        figure = _trial(f"rule tried on {many[1]:,} contacts", _OWN)
        trial_id = rule_trials.begin(current_services(), Question(1, "contacts", "out", _OWN))
        began_s = time.perf_counter()
        while (found := rule_trials.counted(current_services(), trial_id)) and not found[2]:
            rule_trials.go_on(current_services(), trial_id)
        took_s = time.perf_counter() - began_s
    return [figure, Figure(f"the same counted by a job, {many[1]:,} contacts", f"{took_s:.1f} s")]
