"""A scan compares the whole book as a run: resumed, cancelled, bounded (B52)."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import ids_listed, list_pair, pairs_listed
from webapp.domain.duplicates.keys import MOST_OF_KEY
from webapp.domain.records.keys import contact_keys
from webapp.errors import RefusedError
from webapp.models import Contact, ContactAddress, Run, ScanKey
from webapp.store.duplicates import pairs
from webapp.store.matching import frequencies
from webapp.usecases.duplicates import scan
from webapp.usecases.runs import lifecycle, retention, slices


def _scanned() -> Run:
    run_id = scan.start(current_services(), trigger="command", user_id=None).run_id
    return pulling.worked_off(run_id)


def _keys_left() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(ScanKey)) or 0


def test_a_scan_finds_linked_and_unlinked_records_by_every_key(connection_id: int) -> None:
    firm = make_company(name="Nordlicht Verlag", domain="nordlicht-verlag.de", postcode="24103").id
    alike = make_company(name="Nordlicht Verlag GmbH", domain="nordlicht-verlag.de").id
    make_company(name="Südwerk", domain="suedwerk.de")
    for number, remote_id in ((firm, "1"), (alike, "2")):
        make_link(connection_id, "companies", number, remote_id)
    eva = make_contact(firm, first_name="Eva", last_name="Roth", email="eva@nordlicht-verlag.de").id
    ewa = make_contact(firm, first_name="Eva", last_name="Roth", email="er@web.de").id
    with writing() as session:
        session.add(ContactAddress(contact_id=ewa, email_key="eva@nordlicht-verlag.de"))
    make_contact(firm, first_name="Ute", last_name="Lang", email="ute@suedwerk.de")
    run = _scanned()
    assert (run.state, run.kind) == ("finished", "find_duplicates")
    assert [(row.object_type, row.lower_id, row.higher_id) for row in pairs_listed()] == [
        ("companies", firm, alike),
        ("contacts", eva, ewa),
    ]
    assert {row.found_by for row in pairs_listed()} == {"scan"}
    assert run.counts["companies"] == {"held": 1, "unchanged": 2}
    assert run.counts["contacts"] == {"held": 1, "unchanged": 2}
    [entry] = [one for one in pulling.entries(run.id) if one.object_type == "companies"]
    assert (entry.record_id, entry.outcome, entry.reason) == (firm, "held", "possible_duplicate")
    assert _keys_left() == 0


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_what_was_decided_is_not_asked_again() -> None:
    one, two = (make_company().id for _ in range(2))
    list_pair("companies", one, two)
    with writing() as session:
        pairs.keep_apart(session, "companies", [(one, two)], user_id=None)
    run = _scanned()
    assert ids_listed("open") == []
    assert run.counts["companies"]["held"] == 0


@pytest.mark.usefixtures("connection_id")
def test_a_scan_that_is_cut_off_after_every_step_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    monkeypatch.setattr(scan, "RECORDS_AT_ONCE", 2)
    monkeypatch.setattr(scan, "KEYS_AT_ONCE", 3)
    numbers = [
        make_company(name=f"Nordlicht {place // 2}", domain=f"n{place // 2}.de").id for place in range(8)
    ]
    run = _scanned()
    assert run.state == "finished"
    assert ids_listed() == [(one, one + 1) for one in numbers[::2]]
    assert len(pulling.entries(run.id)) == 4


@pytest.mark.usefixtures("connection_id")
def test_of_a_key_that_very_many_share_so_many_are_compared() -> None:
    for _ in range(MOST_OF_KEY + 5):
        make_company(name="Nordlicht", domain=None, city="Kiel", postcode="24103", phone="0431 123456")
    _scanned()
    seen = {number for pair in ids_listed() for number in pair}
    assert len(seen) == MOST_OF_KEY


@pytest.mark.usefixtures("connection_id")
def test_a_cancelled_scan_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    make_company()
    started = scan.start(current_services(), trigger="command", user_id=None)
    assert not scan.start(current_services(), trigger="command", user_id=None).is_new
    run = pulling.run_of(started.run_id)
    bound_jobs().run_slice(run.id, run.fence)
    assert _keys_left() > 0
    retention.clear_old(current_services())
    assert _keys_left() > 0
    lifecycle.cancel(current_services(), started.run_id)
    for _ in range(2):
        retention.clear_old(current_services())
    assert _keys_left() == 0


@pytest.mark.one_database
@pytest.mark.usefixtures("in_app")
def test_without_a_connection_the_refusal_says_so() -> None:
    make_connection(state="failing")
    with pytest.raises(RefusedError, match=r"^not_connected$"):
        scan.start(current_services(), trigger="button", user_id=None)


@pytest.mark.one_database
def test_the_command_lists_what_a_scan_found(app: Flask) -> None:
    with app.app_context():
        one, two = (make_company().id for _ in range(2))
        list_pair("companies", one, two, evidence=("same_domain",))
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["duplicates", "list", "--json"])
    listed = {"ids": [one, two], "strength": "doubtful", "points": 20, "evidence": ["same_domain"]}
    assert json.loads(answer.stdout) == {"companies": [listed], "contacts": []}
    assert f"companies {one} and {two}: Same domain" in runner.invoke(args=["duplicates", "list"]).stdout
    refused = runner.invoke(args=["duplicates", "scan"])
    assert refused.exit_code == 1
    assert "HubSpot is not connected" in refused.stderr


@pytest.mark.one_database
@pytest.mark.usefixtures("sandbox")
def test_the_button_leads_to_the_run(app: Flask, admin_pages: FlaskClient, pages: FlaskClient) -> None:

    with app.app_context():
        pulling.connected()
        make_company(name="Nordlicht", domain="n.de")
        make_company(name="Nordlicht", domain="n.de")
    assert pages.post("/duplicates/scan").status_code == 403
    answer = admin_pages.post("/duplicates/scan")
    assert answer.status_code == 303
    with app.app_context():
        pulling.worked_off(int(answer.location.rpartition("/")[2]))
    log = read_page(admin_pages.get(answer.location).text)
    assert "Like Nordlicht: same domain" in log.shown_text
    assert log.leads_to("/duplicates?type=companies")
    assert "Scan for duplicates" in log.one("h1").shown_text


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_namesakes_of_one_firm_are_weighed_by_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve apprentices called Team Nord would be 66 pairs, and none of them a duplicate."""
    monkeypatch.setattr(frequencies, "SMALLEST_BOOK", 10)
    firm = make_company(name="Werft", domain="werft.de").id
    for number in range(12):
        make_contact(firm, first_name="Ole", last_name="Brandt", email=f"lehrling{number}x{number}@werft.de")
    rare = [
        make_contact(firm, first_name="Nele", last_name="Thoms", email=address, phone="0431 778899").id
        for address in (None, "nele@werft.de")
    ]
    _scanned()
    assert [row.ids for row in map(pairs.as_pair, pairs_listed())] == [tuple(rare)]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_an_address_beside_the_first_counts_on_both_sides() -> None:
    one = make_contact(None, first_name="Eva", last_name="Roth", email="eva@nord.de").id
    other = make_contact(None, first_name="Eva", last_name="Lang", email="er@web.de").id
    with writing() as session:
        session.add(ContactAddress(contact_id=one, email_key="er@web.de"))
    _scanned()
    assert [(row.lower_id, row.higher_id) for row in pairs_listed()] == [(one, other)]


def _born(date: str, email: str | None, first_name: str, last_name: str) -> int:
    names = {"first_name": first_name, "last_name": last_name}
    contact = make_contact(None, email=email, **names)
    with writing() as session:
        row = session.get_one(Contact, contact.id)
        row.custom = {"birthday": date}
        row.birthday_key = contact_keys({**names, "custom.birthday": date})["birthday_key"]
    return contact.id


@pytest.mark.usefixtures("connection_id")
def test_dates_of_birth_with_day_and_month_exchanged_meet() -> None:
    one = _born("1986-11-04", "kiki.nord@web.de", "Friederike", "Kirchner")
    other = _born("1986-04-11", "kiki.nort@web.de", "Frederike", "Kirschner")
    _born("1986-11-24", "kiki.nor@web.de", "Florian", "Kirchner")
    _scanned()
    assert ids_listed() == [(one, other)]


@pytest.mark.usefixtures("connection_id")
def test_two_of_one_birthday_meet_by_the_name_that_they_have_in_common() -> None:
    home = {"street": "Lindenallee 14", "postcode": "24103", "city": "Kiel"}
    one, other = (_born("1986-11-24", None, name, "Zornig") for name in ("Bert", "Jo"))
    with writing() as session:
        for number in (one, other):
            for name, value in home.items():
                setattr(session.get_one(Contact, number), name, value)
    _born("1986-11-24", None, "Kai", "Behn")
    _scanned()
    assert ids_listed() == [(one, other)]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_a_wrong_postcode_leaves_the_town() -> None:
    """One letter more in the name and another postcode: town, initials and street are what is left."""
    home = {"email": None, "phone": None, "street": "Lindenallee 14", "city": "Kiel"}
    one = make_contact(None, first_name="Ida", last_name="Zornig", postcode="24103", **home).id
    home["street"] = "Lindenalle 15"
    other = make_contact(None, first_name="Ida", last_name="Zornik", postcode="24013", **home).id
    _scanned()
    assert ids_listed() == [(one, other)]
