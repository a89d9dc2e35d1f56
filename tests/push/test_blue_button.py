"""The blue Push, its warning before the first Pull, and the commands that do the same."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import reading, writing
from tests.support.samples.factories import NOW, make_company, make_connection
from webapp.models import Connection, Run, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pages(in_app: Flask, logged_in: LogIn, administrator: User) -> FlaskClient:  # noqa: ARG001 - for what it brings about
    make_connection()
    return logged_in(administrator)


def _pulled_once() -> None:
    with writing() as session:
        session.get_one(Connection, 1).first_pull_finished_at = NOW


def _runs() -> list[tuple[str, str]]:
    with reading() as session:
        return [(run.kind, run.trigger) for run in session.query(Run)]


def test_push_queues_a_run_and_leads_to_its_page(pages: FlaskClient) -> None:
    _pulled_once()
    answer = pages.post("/runs", data={"kind": "push"})
    assert (answer.status_code, answer.location) == (303, "/sync-log/1")
    assert _runs() == [("push", "button")]


def test_before_the_first_pull_it_asks_and_recommends_to_pull(pages: FlaskClient) -> None:
    answer = pages.post("/runs", data={"kind": "push"}, follow_redirects=True)
    assert "We recommend pulling first" in answer.text
    assert _runs() == []
    pages.post("/runs", data={"kind": "push", "confirmed": "yes"})
    assert _runs() == [("push", "button")]


@pytest.mark.usefixtures("in_app")
def test_members_see_no_blue_push(logged_in: LogIn, member: User) -> None:
    make_connection()
    assert logged_in(member).post("/runs", data={"kind": "push"}).status_code == 403


@pytest.mark.usefixtures("pages")
def test_the_command_queues_a_push_and_warns_on_standard_error(in_app: Flask) -> None:
    answer = in_app.test_cli_runner().invoke(args=["push", "--json"])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["kind"] == "push"
    assert "pulling first is recommended" in answer.stderr


@pytest.mark.usefixtures("pages")
def test_the_command_pushes_one_record(in_app: Flask) -> None:
    make_company()
    answer = in_app.test_cli_runner().invoke(args=["push-record", "companies", "1", "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["kind"] == "push"
    answer = in_app.test_cli_runner().invoke(args=["push-record", "companies", "9"])
    assert answer.exit_code == 1
    assert "no company 9" in answer.stderr
