"""A record is deleted in a browser, and comes back: on a phone, and without script."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.support.pages.browser import PHONE, PLAIN, overhang, visiting
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.users import PASSWORD
from tests.support.usecases import pulling
from webapp.models import Run, User

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask, connection_id: int, served_pages: str) -> str:
    """The page of a company with a contact."""
    assert connection_id
    with app.app_context():
        make_contact(make_company(name="Nord").id, first_name="Ada", last_name="Lovelace")
    return f"{served_pages}/companies/1"


def _worked_off() -> None:
    pulling.worked_off(pulling.all_rows(Run)[-1].id)


@pytest.mark.parametrize("kind", [PHONE, PLAIN], ids=["phone", "plain"])
def test_a_company_is_deleted_with_its_contact_and_put_back(
    browser: Browser, address: str, administrator: User, kind: dict[str, Any]
) -> None:
    with visiting(browser, address, administrator.email, PASSWORD, kind) as page:
        page.get_by_role("link", name="Delete…").click()
        expect(page.get_by_role("heading", name="Delete Nord?")).to_be_visible()
        expect(page.get_by_text("HubSpot is not touched")).to_be_visible()
        assert overhang(page) <= 0
        page.get_by_role("button", name="Delete this company").click()
        expect(page.get_by_role("alert")).to_contain_text("The company still has contacts")
        page.get_by_role("radio", name="Delete the contacts as well").check()
        page.get_by_role("button", name="Delete this company").click()
        expect(page.get_by_role("heading", name="Nord was deleted here")).to_be_visible()
        assert overhang(page) <= 0
        page.get_by_role("link", name="Undo all of the deletion…").click()
        page.get_by_role("button", name="Preview the undo").click()
        _worked_off()
        page.reload()
        page.get_by_role("button", name="Undo Deletion").click()
        _worked_off()
        page.goto(address)
        expect(page.get_by_role("heading", name="Nord", level=1)).to_be_visible()
        page.get_by_role("link", name="Ada Lovelace").click()
        expect(page.get_by_role("heading", name="Ada Lovelace", level=1)).to_be_visible()
