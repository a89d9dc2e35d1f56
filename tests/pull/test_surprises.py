"""One record that cannot be handled fails alone; the others of its page are all there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import DataError, IntegrityError

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.mapping.incoming import read_incoming
from webapp.domain.matching.match import find_match
from webapp.domain.pull import facts as pull_facts
from webapp.domain.pull import page as pull_page
from webapp.domain.pull import unlinked
from webapp.store.pull import apply as store
from webapp.usecases.pull import apply


@pytest.fixture
def firms(connection_id: int, sandbox: SandboxServer) -> list[str]:  # noqa: ARG001 - for what it brings about
    """Five companies at HubSpot; their ids."""
    companies = [{"name": f"Firm {n}", "domain": f"f{n}.de"} for n in range(5)]
    return [sandbox.create("companies", values)["id"] for values in companies]


def _assert_only_the_third_failed(run_id: int, firms: list[str]) -> None:
    run = pulling.run_of(run_id)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 4, "failed": 1})
    outcomes = {remote_id: (outcome, reason) for remote_id, outcome, reason in pulling.outcomes(run_id)}
    assert outcomes == dict.fromkeys(firms, ("created", None)) | {firms[2]: ("failed", "unexpected")}
    assert pulling.names(pulling.companies()) == ["Firm 0", "Firm 1", "Firm 3", "Firm 4"]
    assert [entry.seq for entry in pulling.entries(run_id)] == [1, 2, 3, 4, 5]
    assert "Firm 2" in [entry.name for entry in pulling.entries(run_id)]


@pytest.mark.one_database
def test_one_that_raises_while_it_is_planned_fails_alone(
    connection_id: int, firms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(remote_id: str, *rest: Any) -> Any:
        if remote_id == firms[2]:
            raise ZeroDivisionError
        return find_match(remote_id, *rest)

    monkeypatch.setattr(unlinked, "find_match", raising)
    run = pulling.pulled(connection_id)
    _assert_only_the_third_failed(run.id, firms)
    assert [entry.detail for entry in pulling.entries(run.id) if entry.detail] == [
        {"error": "ZeroDivisionError"}
    ]


@pytest.mark.one_database
def test_one_that_raises_while_it_is_read_fails_alone(
    connection_id: int, firms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raising(properties: dict[str, str | None], mapping: Any) -> Any:
        if properties.get("name") == "Firm 2":
            raise ZeroDivisionError
        return read_incoming(properties, mapping)

    monkeypatch.setattr(pull_facts, "read_incoming", raising)
    _assert_only_the_third_failed(pulling.pulled(connection_id).id, firms)


@pytest.mark.parametrize("refusal", [DataError, IntegrityError])
def test_a_page_that_the_database_refuses_falls_apart_into_single_records(
    connection_id: int, firms: list[str], monkeypatch: pytest.MonkeyPatch, refusal: type[DataError]
) -> None:
    write_links = store._write_links

    def refusing(session: Any, page: Any, plans: Any) -> None:
        if any(one.verb == "create" and one.remote.id == firms[2] for one in plans):
            raise refusal("INSERT", None, ValueError("odd"))
        write_links(session, page, plans)

    monkeypatch.setattr(store, "_write_links", refusing)
    _assert_only_the_third_failed(pulling.pulled(connection_id).id, firms)


@pytest.mark.postgresql  # SQLite takes any text
def test_a_value_that_the_database_itself_refuses_costs_only_its_record(
    connection_id: int, sandbox: SandboxServer, firms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.update("companies", firms[2], {"city": "refuse me"})
    plan_page = pull_page.plan_page

    def with_nul(*args: Any, **more: Any) -> Any:
        plans = plan_page(*args, **more)
        for one in plans:
            if one.values.get("city") == "refuse me":
                one.values["city"] = "refuse\0me"
        return plans

    monkeypatch.setattr(apply, "plan_page", with_nul)
    _assert_only_the_third_failed(pulling.pulled(connection_id).id, firms)


def test_a_page_whose_neighbour_was_quicker_is_planned_anew(
    connection_id: int, firms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another transaction made the same link in between: the second try sees it."""
    tries: list[int] = []
    write_links = store._write_links

    def colliding_once(session: Any, page: Any, plans: Any) -> None:
        tries.append(len(plans))
        if len(tries) == 1:
            raise IntegrityError("INSERT", None, ValueError("unique"))
        write_links(session, page, plans)

    monkeypatch.setattr(store, "_write_links", colliding_once)
    run = pulling.pulled(connection_id)
    assert tries[:2] == [5, 5]
    assert run.counts["companies"] == {"created": len(firms)}
    assert len(pulling.companies()) == len(firms)
