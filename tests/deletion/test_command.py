"""`flask records delete`: one, some, or all that a search leaves (B55)."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from flask import Flask

from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.users import add_user
from tests.support.usecases import pulling
from tests.support.usecases.record_files import run_records
from webapp.models import Run

pytestmark = [pytest.mark.usefixtures("connection_id"), pytest.mark.one_database]


def _delete(app: Flask, *arguments: str) -> Result:
    return run_records(app, "delete", *arguments)


def test_one_record_is_deleted_at_once(in_app: Flask) -> None:
    firm = make_company()
    done = _delete(in_app, "companies", str(firm.id), "--json")
    printed = json.loads(done.stdout)
    assert (done.exit_code, printed["kind"], printed["state"]) == (0, "delete", "finished")
    assert printed["counts"]["companies"]["updated"] == 1
    assert pulling.companies() == []


def test_it_is_logged_as_whom_the_command_names(in_app: Flask) -> None:
    user = add_user(in_app, "ada@example.org", "Ada", "member")
    _delete(in_app, "companies", str(make_company().id), "--as", "ada@example.org")
    assert pulling.all_rows(Run)[-1].started_by_id == user.id


def test_several_are_a_run_for_the_workers(in_app: Flask) -> None:
    firms = [make_company(name=f"Test {number}", domain=f"t{number}.de") for number in range(3)]
    done = _delete(in_app, "companies", str(firms[0].id), str(firms[1].id), "--json")
    run = pulling.worked_off(json.loads(done.stdout)["id"])
    assert (run.kind, run.trigger) == ("delete", "command")
    assert [one.id for one in pulling.companies()] == [firms[2].id]


def test_all_that_a_search_leaves_needs_a_yes(in_app: Flask) -> None:
    for name in ("Test A", "Test B", "Bleibt"):
        make_contact(make_company(name=name, domain=f"{name[-1].lower()}.de").id)
    refused = _delete(in_app, "companies", "--all", "--search", "test")
    assert (refused.exit_code, refused.stdout) == (1, "")
    done = _delete(
        in_app, "companies", "--all", "--search", "test", "--contacts", "delete", "--yes", "--json"
    )
    pulling.worked_off(json.loads(done.stdout)["id"])
    assert [one.name for one in pulling.companies()] == ["Bleibt"]
    assert len(pulling.contacts()) == 1


def test_a_preview_deletes_nothing(in_app: Flask) -> None:
    firm = make_company()
    done = _delete(in_app, "companies", str(firm.id), "--preview", "--json")
    run = pulling.worked_off(json.loads(done.stdout)["id"])
    assert (run.is_preview, run.counts) == (True, {"companies": {"updated": 1}})
    assert [one.id for one in pulling.companies()] == [firm.id]


def test_contacts_are_moved(in_app: Flask) -> None:
    firm, other = make_company(name="Nord"), make_company(name="Sued", domain="s.de")
    make_contact(firm.id)
    refused = _delete(in_app, "companies", str(firm.id))
    assert refused.exit_code == 1
    assert "still has contacts, 1 in all" in refused.stderr
    done = _delete(in_app, "companies", str(firm.id), "--move-contacts-to", str(other.id))
    assert (done.exit_code, pulling.contacts()[0].company_id) == (0, other.id)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("companies",), 2), (("companies", "--all", "7"), 2), (("firms", "7"), 2), (("companies", "77"), 1)],
)
def test_wrong_use_and_what_is_not_there(in_app: Flask, arguments: tuple[str, ...], code: int) -> None:
    assert _delete(in_app, *arguments).exit_code == code
