"""Rules tried on very many: an estimate at once, the exact numbers by a job (B27)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import Queue

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.records.values import Value
from webapp.domain.rules.rule import Condition, Rule
from webapp.models import RuleTrial, User
from webapp.store.records import records
from webapp.usecases.rules import trials as rule_trials
from webapp.usecases.rules.trials import Question
from webapp.usecases.runs.queues import BULK

LogIn = Callable[[User], FlaskClient]
_RULE = Rule(conditions=(Condition("city", "is", "Bonn"),))
_ADDRESS = "/integrations/hubspot/rules/companies/out"
_FORM = {"do": "try", "join": "all", "field": "city", "operator": "is", "value": "Bonn", "group": "0"}


@pytest.fixture
def question(in_app: Flask, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Question:  # noqa: ARG001 - for what it brings about
    """A thousand companies here, a quarter of them in Bonn; a hundred count as very many."""
    monkeypatch.setattr(rule_trials, "EXACT_UP_TO", 100)
    monkeypatch.setattr(rule_trials, "STRETCHES", 40)
    monkeypatch.setattr(rule_trials, "IN_A_STRETCH", 10)
    cities = ("Bonn", "Ulm", "Kiel", "Jena")
    many: list[dict[str, Value]] = [{"name": f"Firm {n}", "city": cities[(n // 3) % 4]} for n in range(1_000)]
    with writing() as session:
        records.insert_many(session, "companies", many)
    return Question(pulling.connected(), "companies", "out", _RULE)


def _exact(question: Question) -> tuple[int, int, int]:
    return (1_000, sum(one.city == "Bonn" for one in pulling.companies()), question.connection_id)


def test_an_estimate_is_near_and_says_that_it_is_one(question: Question) -> None:
    seen, admitted, _ = _exact(question)
    trial = rule_trials.trial(current_services(), question)
    assert (trial.is_estimate, trial.total, trial.seen) == (True, seen, seen)
    assert 200 < trial.sample <= 400
    assert abs(trial.admitted_then - admitted) < 100
    assert trial.admitted_then + trial.leaving == seen


def test_a_job_counts_exactly_in_parts(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_trials, "BATCH_SIZE", 300)
    monkeypatch.setattr(rule_trials, "JOB_S", 0.0001)
    trial_id = rule_trials.begin(current_services(), question)
    parts = 0
    while not pulling.all_rows(RuleTrial)[0].is_done:
        bound_jobs().count_rule_trial(trial_id)
        parts += 1
        assert parts < 10
    assert parts > 1
    bound_jobs().count_rule_trial(trial_id)
    found = rule_trials.counted(current_services(), trial_id)
    assert found is not None
    seen, admitted, _ = _exact(question)
    assert (found[1].seen, found[1].admitted_then, found[1].leaving) == (seen, admitted, seen - admitted)


def test_a_count_whose_job_was_lost_goes_on(question: Question) -> None:
    services = current_services()
    trial_id = rule_trials.begin(services, question)
    services.redis.flushall()
    for _ in range(2):
        rule_trials.go_on_forgotten(services)
    queue = Queue(BULK, connection=services.redis)
    assert queue.job_ids == [f"trial-{trial_id}-0"]
    bound_jobs().count_rule_trial(trial_id)
    services.redis.flushall()
    rule_trials.go_on_forgotten(services)
    assert queue.job_ids == []


@pytest.mark.one_database
def test_the_page_shows_the_estimate_then_the_count(
    question: Question, logged_in: LogIn, administrator: User
) -> None:
    assert question.rule == _RULE
    pages = logged_in(administrator)
    page = pages.post(_ADDRESS, data=_FORM).text
    assert "An estimate from" in page
    [row] = pulling.all_rows(RuleTrial)
    address = f"/integrations/hubspot/rules/trials/{row.id}"
    assert f'hx-get="{address}"' in page
    assert "Counted 0 of at most 1,000 so far" in pages.get(address, headers={"HX-Request": "true"}).text
    bound_jobs().count_rule_trial(row.id)
    done = pages.get(address).text
    assert "these are the exact numbers" in done
    assert "hx-get" not in done.partition("What it would change")[2].partition("</main>")[0]
    assert pages.get("/integrations/hubspot/rules/trials/99").status_code == 404


def test_few_are_counted_at_once(question: Question, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_trials, "EXACT_UP_TO", 1_000)
    trial = rule_trials.trial(current_services(), question)
    assert (trial.is_estimate, trial.seen) == (False, 1_000)
