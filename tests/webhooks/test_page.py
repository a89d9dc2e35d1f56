"""What the page of the connection tells of notices."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.samples.webhook_events import deliver, webhook_event
from webapp.models import User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.mark.usefixtures("connection_id")
def test_the_page_counts_what_came(hubspot: FlaskClient, logged_in: LogIn, administrator: User) -> None:
    pages = logged_in(administrator)
    assert "None yet" in pages.get("/integrations/hubspot").text
    deliver(hubspot, [webhook_event("contact.creation", 5), webhook_event("contact.creation", 6, portalId=7)])
    text = read_page(pages.get("/integrations/hubspot").text).shown_text
    assert "Taken today 1" in text
    assert "not synced 1" in text
    assert "Waiting to be looked into 1" in text


@pytest.mark.usefixtures("connection_id")
def test_the_subscriptions_that_the_mapping_needs_can_be_copied(
    logged_in: LogIn, administrator: User
) -> None:
    page = logged_in(administrator).get("/integrations/hubspot").text
    file = json.loads(read_page(page).one("pre", aria_label="Subscriptions").text)
    assert file["type"] == "webhooks"
    config = file["config"]
    assert config["settings"]["targetUrl"] == "http://localhost:8000/webhooks/hubspot"
    listed = {
        (one["objectType"], one["subscriptionType"], one.get("propertyName"))
        for one in config["subscriptions"]["crmObjects"]
    }
    assert ("contact", "object.propertyChange", "jobtitle") in listed
    assert ("company", "object.merge", None) in listed
    assert [one["subscriptionType"] for one in config["subscriptions"]["hubEvents"]] == [
        "contact.privacyDeletion"
    ]
    assert ("company", "object.propertyChange", "industry") in listed


@pytest.mark.usefixtures("connection_id")
def test_a_member_sees_no_subscriptions(logged_in: LogIn, member: User) -> None:
    assert "Subscriptions" not in logged_in(member).get("/integrations/hubspot").text
