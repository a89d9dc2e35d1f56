"""The portal's own pages, used without a browser."""

import pytest

from tests.support.pages.page import read_page
from tests.support.servers.sandbox_server import SandboxServer


def test_every_page_opens_and_says_that_it_is_no_hubspot(portal: SandboxServer) -> None:
    portal.reset(companies=30, contacts=260)
    for kind in ("0-1", "0-2"):
        listing = portal.api("GET", f"/contacts/111222/objects/{kind}")
        links = [one["href"] for one in read_page(listing.text).all("a")]
        records = [one for one in links if one.startswith(f"/contacts/111222/record/{kind}/")]
        assert records
        for address in ["/", "/calls", "/switches", f"/contacts/111222/objects/{kind}/new", *records]:
            page = portal.api("GET", address)
            assert page.status_code == 200
            assert "Sandbox portal — not HubSpot" in page.text


def test_a_person_makes_edits_and_archives_a_contact(portal: SandboxServer) -> None:
    company = portal.create("companies", {"name": "Firm"})["id"]
    form = {"firstname": "Ana", "email": "ana@firm.com", "companies": company}
    page = portal.api("POST", "/contacts/111222/objects/0-1", data=form)
    number = page.url.rpartition("/")[2]
    address = f"/contacts/111222/record/0-1/{number}"
    portal.api("POST", address, data={"firstname": "Anna", "email": "ana@firm.com", "companies": company})
    held = portal.get("contacts", number)
    assert held["properties"]["firstname"] == "Anna"
    assert held["associations"]["companies"] == [{"id": company, "types": [1, 279]}]
    portal.api("POST", f"{address}/archiving")
    assert portal.get("contacts", number)["archived"] is True
    assert portal.counts()["writes"] == 0


def test_saving_an_untouched_form_changes_nothing(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"firstname": "Nul\x00l", "email": "ana@firm.com"})["id"]
    before = portal.get("contacts", number)["properties"]
    form = {"firstname": "Nul␀l", "email": "ana@firm.com", "phone": ""}
    portal.api("POST", f"/contacts/111222/record/0-1/{number}", data=form)
    assert portal.get("contacts", number)["properties"] == before


def test_a_refused_value_is_explained_on_the_page(portal: SandboxServer) -> None:
    page = portal.api("POST", "/contacts/111222/objects/0-1", data={"email": "nonsense"})
    assert page.status_code == 400
    assert "Email address nonsense is invalid" in page.text


def test_a_name_with_markup_is_shown_as_text(portal: SandboxServer) -> None:
    portal.create("contacts", {"firstname": "<script>alert(1)</script>"})
    page = read_page(portal.api("GET", "/contacts/111222/objects/0-1").text)
    assert "<script>alert(1)</script>" in page.shown_text
    assert "alert(1)" not in [script.text for script in page.all("script")]


@pytest.mark.parametrize(
    "address", ["/contacts/111222/record/0-1/5", "/contacts/9/objects/0-1", "/contacts/111222/objects/0-9"]
)
def test_what_is_not_there_has_a_page_too(portal: SandboxServer, address: str) -> None:
    page = portal.api("GET", address)
    assert (page.status_code, "There is no such record" in page.text) == (404, True)


def test_switches_and_faults_are_set_on_their_page(portal: SandboxServer) -> None:
    form = dict.fromkeys(("rate_limit", "search_limit", "daily_limit", "to_object_id", "withheld_scopes"), "")
    form |= {
        "lifecyclestage_on_create": "lead",
        "latency_ms": "0",
        "search_delay_s": "0",
        "auto_company_delay_s": "2",
        "code_life_s": "60",
    }
    form |= {"access_token_life_s": "1800", "empty_values": "absent", "api_versions": "v3, 2026-03"}
    form |= {
        "account_type": "STANDARD",
        "portal_id": "111222",
        "time_zone": "US/Eastern",
        "errors_list": "on",
        "cursors": "next_id",
        "list_order": "number",
    }
    form |= {
        "webhook_url": "",
        "webhook_signatures": "v3",
        "webhook_delay_s": "1",
        "webhook_batch_size": "50",
    }
    form |= {"webhook_retry_s": "1", "webhook_duplicates": "0.5", "webhook_loss": "0", "webhook_seed": "7"}
    answer = portal.api("POST", "/switches", data=form)
    assert answer.status_code == 200, answer.text
    found = portal.settings()
    assert (found["empty_values"], found["rate_limit"], found["short_pages"]) == ("absent", None, False)
    assert (found["lifecyclestage_on_create"], found["api_versions"]) == ("lead", ["v3", "2026-03"])
    portal.api("POST", "/faults", data={"kind": "status", "status": "502", "times": "1", "path": "/crm/*"})
    assert portal.api("GET", "/crm/v3/objects/contacts").status_code == 502
    assert "status 502" in portal.api("GET", "/switches").text


def test_a_page_of_another_site_cannot_steer_the_portal(portal: SandboxServer) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    for method, path in (("POST", "/faults"), ("POST", "/sandbox/reset"), ("POST", "/oauth/authorize")):
        assert portal.api(method, path, headers=foreign).status_code == 403
