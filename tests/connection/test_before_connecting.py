"""A book is filled before HubSpot is connected: what is done has its log and its undo, also afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, reading
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted
from tests.support.usecases.importing import checked, imported
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.options import ChangeOptions
from webapp.models import Connection, FieldMapping, Run, User
from webapp.store.connection import connections
from webapp.usecases.changes import run as changes_run
from webapp.usecases.connection import status

LogIn = Callable[[User], FlaskClient]

_FIRMS = "name,domain,city\nNord,nord.de,Kiel\nSüd,sued.de,München\n"

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.mark.one_database
def test_a_file_is_imported_by_the_pages_and_the_import_undone(logged_in: LogIn, administrator: User) -> None:
    pages = logged_in(administrator)
    upload = read_page(pages.get("/companies/import").text).one("main")
    button = upload.one("form", action="/companies/import").one("button")
    assert "disabled" not in button.attributes
    answer = pages.post("/companies/import", data={"file": (io.BytesIO(_FIRMS.encode()), "firms.csv")})
    columns = answer.location
    form = read_page(pages.get(columns).text).one("main").form_values()
    one = pages.post(columns, data=form).location
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    pages.post(f"{one}/run")
    run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert (run.state, run.counts) == ("finished", {"companies": {"created": 2}})
    assert pages.get(f"/sync-log/{run.id}").status_code == 200
    assert undo_of(run.id).state == "finished"
    assert pulling.companies() == []


def test_what_is_deleted_or_changed_stands_in_a_log_and_comes_back() -> None:
    firm = make_company(name="Nord", status="Lead")
    contact = make_contact(firm.id)
    gone = deleted("contacts", contact.id)
    options = ChangeOptions(object_type="companies", verb="status", status="Customer", records=(firm.id,))
    started = changes_run.start(current_services(), options, trigger="button", user_id=None)
    assert pulling.worked_off(started.run_id).counts == {"companies": {"updated": 1}}
    assert (pulling.contacts(), pulling.company(firm.id).status) == ([], "Customer")
    for run_id in (gone.id, started.run_id):
        assert undo_of(run_id).state == "finished"
    assert (pulling.contact(contact.id).company_id, pulling.company(firm.id).status) == (firm.id, "Lead")
    assert len(pulling.all_rows(Connection)) == 1, "one log for all"


@pytest.mark.one_database
def test_nobody_takes_the_log_for_a_portal(logged_in: LogIn, administrator: User) -> None:
    deleted("companies", make_company().id)
    with reading() as session:
        assert connections.latest(session) is None
    assert status.gather(current_services()).connection is None
    pages = logged_in(administrator)
    for address in ("/integrations/hubspot", "/integrations", "/", "/sync-log", "/held", "/duplicates"):
        text = pages.get(address).text
        assert "was disconnected" not in text
        assert "Disconnected" not in text


def test_the_first_portal_takes_the_log_over_and_an_undo_sees_its_links(sandbox: SandboxServer) -> None:
    run = imported(checked("companies", _FIRMS))
    object_id = sandbox.create("companies", {"name": "Nord", "domain": "nord.de"})["id"]
    connection_id = pulling.connected()
    assert (run.connection_id, len(pulling.all_rows(Connection))) == (connection_id, 1)
    names = [(one.object_type, one.field) for one in pulling.all_rows(FieldMapping)]
    assert len(names) == len(set(names))
    pulling.pulled(connection_id)
    assert pulling.link_of(object_id, "companies").record_id == 1
    assert undo_of(run.id).state == "finished"
    assert pulling.links() == []
    assert [one.is_active for one in pulling.companies()] == []
