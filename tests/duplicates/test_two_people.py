"""One calls two records not the same while another merges them: the first decision counts (B53)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import ids_listed, list_pair
from webapp.models import Run, User
from webapp.usecases.duplicates import decisions


def _keep_apart(user: User, *ids: int) -> None:
    decisions.keep_apart(current_services(), "companies", [(ids[0], ids[1])], user_id=user.id)


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize("size", [2, 3])
def test_what_was_called_not_the_same_since_the_page_was_opened_is_not_merged(
    admin_pages: FlaskClient, administrator: User, size: int
) -> None:
    numbers = [make_company(name=f"Nordlicht {place}", domain=None).id for place in range(size)]
    pair_id, *_ = [list_pair("companies", numbers[0], one) for one in numbers[1:]]
    form = read_page(admin_pages.get(f"/duplicates/{pair_id}").text).one("form", id="merge").form_values()
    ticked = {"record": numbers} if numbers[2:] else {}
    _keep_apart(administrator, *numbers)
    answer = admin_pages.post(f"/duplicates/{pair_id}/merge", data={**form, **ticked})
    assert "two of them are not the same" in answer.text
    assert [one.id for one in pulling.companies()] == numbers
    page = read_page(admin_pages.get(f"/duplicates/{pair_id}").text)
    # Who has seen that may still change their mind.
    admin_pages.post(f"/duplicates/{pair_id}/merge", data=page.one("form", id="merge").form_values())
    assert [one.id for one in pulling.companies()] == [numbers[0], *numbers[2:]]


@pytest.mark.one_database
def test_nor_is_it_in_hubspot_where_nobody_could_take_it_back(
    connection_id: int, sandbox: SandboxServer, admin_pages: FlaskClient, administrator: User
) -> None:
    for place in range(2):
        sandbox.create("companies", {"name": "Nordlicht", "domain": f"n{place}.de"})
    pulling.pulled(connection_id)
    pair_id = list_pair("companies", 1, 2)
    address = f"/duplicates/{pair_id}/in-hubspot"
    form = {"stays": 1, "records": "1 2", "version.1": 1, "version.2": 1}
    assert "What HubSpot keeps" in admin_pages.post(address, data=form).text
    _keep_apart(administrator, 1, 2)
    answer = admin_pages.post(address, data={**form, "sent": "yes", "yes": "yes"})
    assert "two of them are not the same" in answer.text
    assert pulling.all_rows(Run, kind="merge_duplicates") == []


@pytest.mark.usefixtures("connection_id")
def test_what_is_one_record_by_now_is_neither_kept_apart_nor_asked_about(administrator: User) -> None:
    one, other = (make_company(name=f"Nordlicht {place}", domain=None).id for place in range(2))
    list_pair("companies", one, other)
    versions = {number: pulling.company(number).version for number in (one, other)}
    decisions.merge_group(
        current_services(), "companies", one, versions, values_from={}, user_id=administrator.id
    )
    _keep_apart(administrator, one, other)
    decisions.reopen(current_services(), "companies", [(one, other)])
    assert ids_listed("merged") == [(one, other)]
    decisions.take_apart(current_services(), "companies", other, user_id=administrator.id)
    assert ids_listed("open") == [(one, other)]
