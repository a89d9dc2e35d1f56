"""How fast a page of 100 contacts is planned in pure Python: properties read, rules, match, changes."""

import time
from collections import Counter
from random import Random
from statistics import median
from typing import Any
from unittest.mock import patch

from bench.matching.people import People, Record
from bench.stage import Stage
from bench.table import Figure
from tests.support.applications.services import bound_jobs, current_services, reading
from tests.support.plain.plain import CONTACTS, candidate, facts, link, remote
from tests.support.servers.sandbox_server import SandboxServer
from webapp.domain.pull.facts import CompanyFacts, Facts, Remote
from webapp.domain.pull.page import plan_page
from webapp.domain.pull.plan import Plan
from webapp.domain.rules.rule import Condition, Rule
from webapp.store.runs import runs as store
from webapp.store.runs.runs import Run
from webapp.usecases.pull import apply as pull_apply
from webapp.usecases.runs import lifecycle

_PAGE = 100
_ROUNDS = 200
_PROPERTIES = {
    "first_name": "firstname",
    "last_name": "lastname",
    "email": "email",
    "phone": "phone",
    "mobile": "mobilephone",
    "street": "address",
    "city": "city",
    "postcode": "zip",
}
_RULE = Rule("all", (Condition("city", "is_not_blank"), Condition("last_name", "is_not", "Nobody")))


def measure(stage: Stage, sizes: tuple[int, int]) -> list[Figure]:
    """How fast pages are planned, and what share of a whole first Pull that is."""
    return [*_planned(), _share(stage, sizes)]


def _share(stage: Stage, sizes: tuple[int, int]) -> Figure:
    """Pull in this process, with a clock around the planning of each page."""
    planned_s = 0.0

    def timed(*given: Any, **named: Any) -> list[Plan]:
        nonlocal planned_s
        began_s = time.perf_counter()
        plans = plan_page(*given, **named)
        planned_s += time.perf_counter() - began_s
        return plans

    with (
        SandboxServer().start(companies=sizes[0], contacts=sizes[1]) as portal,
        stage.database("sqlite") as url,
        stage.connected(url, portal),
        patch.object(pull_apply, "plan_page", timed),
    ):
        run_id = lifecycle.start(
            current_services(), "pull", connection_id=1, trigger="command", started_by_id=None
        ).run_id
        began_s = time.perf_counter()
        while (run := _now(run_id)).state in ("queued", "running"):
            bound_jobs().run_slice(run_id, run.fence)
        took_s = time.perf_counter() - began_s
    assert run.state == "finished", run.error_text
    return Figure(
        f"the share of planning in a first Pull of {sum(sizes):,}",
        f"{planned_s / took_s:.0%}: {planned_s:.1f} of {took_s:.1f} s",
    )


def _now(run_id: int) -> Run:
    with reading() as session:
        run = store.get(session, run_id)
    assert run is not None
    return run


def _planned() -> list[Figure]:
    """Plan pages of which a third is linked, a third is new, and a third has candidates that look alike."""
    people = People(Random(7))  # noqa: S311 - repeatable, not secret
    pages = [_page(people) for _ in range(_ROUNDS)]
    took_s: list[float] = []
    outcomes: Counter[str] = Counter()
    for remotes, around in pages:
        began_s = time.perf_counter()
        plans = plan_page(remotes, around, CONTACTS, _RULE)
        took_s.append(time.perf_counter() - began_s)
        outcomes.update(plan.outcome for plan in plans)
    assert outcomes["failed"] == 0, outcomes
    each_us = median(took_s) / _PAGE * 1e6
    shares = ", ".join(f"{count / outcomes.total():.0%} {name}" for name, count in outcomes.most_common())
    return [
        Figure(
            f"plan of a page of {_PAGE} (rules, mapping, match), pure Python",
            f"{1e6 / each_us:,.0f} records/s, {each_us:.0f} µs a record; {shares}",
        )
    ]


def _page(people: People) -> tuple[list[Remote], Facts]:
    remotes, records, links, candidates = [], {}, [], []
    for number in range(_PAGE):
        here, there = people.same()
        remotes.append(_remote(str(number), there))
        if number % 3 == 0:
            records[number] = here
            links.append(link(number, str(number)))
        elif number % 3 == 1:
            for place, alike in enumerate((here, *people.others())):
                record_id = 1000 * number + place
                record = dict(alike, phone=there.get("phone") or "030 1234567")
                records[record_id] = dict(record)
                email = record.pop("email", None)
                candidates.append(candidate(record_id, *([email] if email else []), **record))
    companies = {str(number): CompanyFacts(number) for number in range(_PAGE)}
    return remotes, facts(records, links, candidates, companies)


def _remote(remote_id: str, record: Record) -> Remote:
    properties = {prop: record.get(name) for name, prop in _PROPERTIES.items()}
    return remote(remote_id, company_id=remote_id, **properties)
