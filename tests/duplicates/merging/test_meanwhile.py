"""What becomes of a merge where the records, or somebody's mind, have changed since it was begun (B53)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling, pushing
from tests.support.usecases.deleting import deleted
from tests.support.usecases.duplicates import ids_listed, list_pair
from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.models import Company, ContactAddress, Link, Run, User
from webapp.store.matching import frequencies
from webapp.usecases.duplicates import decisions, merge_in_hubspot, merge_run


def _begun(user: User, **options: Any) -> int:
    return merge_run.start(current_services(), MergeDuplicatesOptions(**options), user_id=user.id).run_id


def _reasons(run: Run) -> list[tuple[int | None, str | None]]:
    return [(one.record_id, one.reason) for one in pulling.entries(run.id)]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_a_pair_that_an_address_beside_the_first_makes_is_alike_still(administrator: User) -> None:
    one = make_contact(None, first_name="Ida", last_name="Zorn", email="ida@web.de", city="Kiel").id
    other = make_contact(None, first_name="Ida", last_name="Zorn", email="i@zorn.de", city="Ulm").id
    with writing() as session:
        session.add(ContactAddress(contact_id=one, email_key="i@zorn.de"))
    list_pair("contacts", one, other, evidence=("same_email", "same_name"))
    run = pulling.worked_off(_begun(administrator, object_type="contacts"))
    assert _reasons(run) == [(one, "merged_duplicate")]


@pytest.mark.one_database
@pytest.mark.parametrize("is_still_there", [True, False])
def test_a_pair_that_a_domain_beside_the_first_makes_is_alike_as_long_as_hubspot_has_it(
    connection_id: int, sandbox: SandboxServer, administrator: User, *, is_still_there: bool
) -> None:
    there = {"name": "Nordlicht", "domain": "nord.de"}, {"name": "Nordlicht Verlag", "domain": "licht.com"}
    sandbox.create("companies", there[0])
    other = sandbox.create("companies", {**there[1], "hs_additional_domains": "nord.de"})
    pulling.pulled(connection_id)
    [pair] = ids_listed()
    if not is_still_there:
        sandbox.update("companies", other["id"], {"hs_additional_domains": ""})
    preview, run = (
        pulling.worked_off(
            merge_run.start(
                current_services(),
                MergeDuplicatesOptions(object_type="companies"),
                user_id=administrator.id,
                is_preview=is_preview,
            ).run_id
        )
        for is_preview in (True, False)
    )
    reason = "merged_duplicate" if is_still_there else "not_alike_now"
    assert [reason for _, reason in _reasons(preview)] == [reason]
    assert [reason for _, reason in _reasons(run)] == [reason]
    assert ids_listed("merged") == ([pair] if is_still_there else [])


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_what_many_share_is_weighed_in_bulk_as_it_was_when_found(administrator: User) -> None:
    """Two of one name and phone number are alike, unless half the book is called and reached so."""
    one, other = (
        make_contact(None, first_name="Ole", last_name="Brandt", email=None, phone="0431 778899").id
        for _ in range(2)
    )
    list_pair("contacts", one, other, evidence=("same_name", "same_phone"))
    shared = {
        "contacts.name": {"ole brandt": 900},
        "contacts.phone": {"431778899": 900},
        "contacts.last_name": {"brandt": 900},
    }
    with writing() as session:
        frequencies.add(session, Frequencies(records={"contacts": 2_000}, counts=shared), datetime.now(UTC))
    run = pulling.worked_off(_begun(administrator, object_type="contacts"))
    assert _reasons(run) == [(one, "not_alike_now")]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_of_a_group_the_one_that_was_deleted_meanwhile_is_named(administrator: User) -> None:
    numbers = [make_company(name=f"Nordlicht {place}", domain=None).id for place in range(3)]
    run_id = _begun(administrator, records=tuple(numbers), stays=numbers[0])
    deleted("companies", numbers[1])
    run = pulling.worked_off(run_id)
    assert _reasons(run) == [(numbers[0], "one_gone_meanwhile"), (numbers[0], "merged_duplicate")]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_where_the_one_that_stays_was_deleted_meanwhile_nothing_is_merged(administrator: User) -> None:
    numbers = [make_company(name=f"Nordlicht {place}", domain=None).id for place in range(2)]
    run_id = _begun(administrator, records=tuple(numbers), stays=numbers[0])
    for number in numbers:
        deleted("companies", number)
    run = pulling.worked_off(run_id)
    assert (run.state, _reasons(run)) == ("finished", [(None, "one_gone_meanwhile")])


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_what_somebody_called_not_the_same_meanwhile_is_not_merged(administrator: User) -> None:
    one, other = (make_company(name=f"Nordlicht {place}", domain=None).id for place in range(2))
    run_id = _begun(administrator, records=(one, other), stays=one)
    decisions.keep_apart(current_services(), "companies", [(one, other)], user_id=administrator.id)
    run = pulling.worked_off(run_id)
    assert _reasons(run) == [(one, "kept_apart_since")]
    assert len(pulling.companies()) == 2
    again = pulling.worked_off(_begun(administrator, records=(one, other), stays=one))
    assert _reasons(again) == [(one, "merged_duplicate")], "who decides anew has changed their mind"


@pytest.fixture
def objects(sandbox: SandboxServer, connection_id: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two objects that a pull has brought as records 1 and 2, listed as a pair."""
    pulling.hasty_retries(monkeypatch)
    found = [
        str(sandbox.create("companies", {"name": "Nordlicht", "domain": f"n{place}.de"})["id"])
        for place in range(2)
    ]
    pulling.pulled(connection_id)
    if (1, 2) not in ids_listed():
        list_pair("companies", 1, 2)
    return found


def test_who_merges_the_two_in_hubspot_in_the_same_moment_has_done_it(
    sandbox: SandboxServer, objects: list[str], administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merge_in_hubspot.announce

    def overtaken(*given: Any) -> None:
        real(*given)
        sandbox.merge("companies", *objects)

    monkeypatch.setattr(merge_in_hubspot, "announce", overtaken)
    run = pulling.worked_off(_begun(administrator, records=(1, 2), stays=1, is_also_there=True))
    assert _reasons(run) == [(1, "merged_both")]
    _insist_that_they_are_one(objects)


@pytest.mark.one_database
def test_what_a_push_sends_between_the_look_and_the_merge_stands_in_its_log(
    connection_id: int, objects: list[str], administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looks = merge_in_hubspot.read_both, list[Any]()

    def overtaken(*given: Any) -> Any:
        found = real(*given)
        if not looks:
            pushing.change_company(1, city="Newtown")
            pushing.pushed_record(connection_id, "companies", 1)
        looks.append(found)
        return found

    monkeypatch.setattr(merge_in_hubspot, "read_both", overtaken)
    run = pulling.worked_off(_begun(administrator, records=(1, 2), stays=1, is_also_there=True))
    [entry] = pulling.entries(run.id)
    assert (entry.reason, len(looks)) == ("merged_both", 2)
    assert (entry.detail or {})["before"][objects[0]]["city"] == "Newtown"


def _insist_that_they_are_one(objects: list[str]) -> None:
    [link] = pulling.links("companies")
    assert (link.record_id, link.remote_id in objects) == (1, False)
    assert [row.id for row in pulling.companies()] == [1]


@pytest.mark.one_database
@pytest.mark.parametrize("is_turned", [False, True])
def test_who_had_merged_the_two_in_hubspot_before_has_done_it(
    sandbox: SandboxServer, objects: list[str], administrator: User, *, is_turned: bool
) -> None:
    run_id = _begun(administrator, records=(1, 2), stays=1, is_also_there=True)
    sandbox.merge("companies", *(reversed(objects) if is_turned else objects))
    assert _reasons(pulling.worked_off(run_id)) == [(1, "merged_both")]
    _insist_that_they_are_one(objects)


@pytest.mark.one_database
def test_what_is_not_in_sync_any_more_is_not_merged_here_alone(
    sandbox: SandboxServer, objects: list[str], administrator: User
) -> None:
    """Who asked for both halves is told, and not left with one."""
    run_id = _begun(administrator, records=(1, 2), stays=1, is_also_there=True)
    with writing() as session:
        link = session.query(Link).filter_by(remote_id=objects[1]).one()
        link.state = "stopped"
    assert _reasons(pulling.worked_off(run_id)) == [(1, "not_in_sync_now")]
    assert (sandbox.counts()["companies"], len(pulling.companies())) == (2, 2)


@pytest.fixture
def linked_pair(app: Flask, sandbox: SandboxServer) -> int:
    """The number of the pair of two companies that a pull has brought."""
    with app.app_context():
        connection_id = pulling.connected()
        for name in ("Nordlicht Verlag", "Weite Welt"):
            sandbox.create("companies", {"name": name, "domain": f"{name.split()[0].lower()}.de"})
        pulling.pulled(connection_id)
        return list_pair("companies", 1, 2)


@pytest.mark.one_database
def test_what_was_edited_since_it_was_looked_at_is_not_merged_in_hubspot(
    app: Flask, sandbox: SandboxServer, linked_pair: int, admin_pages: FlaskClient
) -> None:
    form = read_page(admin_pages.get(f"/duplicates/{linked_pair}").text).one("form", id="merge")
    address = form.one("button", formaction=True)["formaction"]
    foreseen = read_page(admin_pages.post(address, data=form.form_values()).text)
    values = foreseen.one("main").one("form").form_values()
    with app.app_context(), writing() as session:
        session.get_one(Company, 2).version += 1
    answer = admin_pages.post(address, data={**values, "yes": "yes"})
    assert answer.status_code == 409
    assert sandbox.counts()["companies"] == 2
    with app.app_context():
        assert [one for one in pulling.all_rows(Run) if one.kind == "merge_duplicates"] == []


@pytest.fixture
def three(app: Flask) -> tuple[int, int, int]:
    """Three companies, of which the first two are listed as alike; the first pair has number 1."""
    with app.app_context():
        one, two, three = (make_company(name=f"Nord {letter}", domain=None).id for letter in "ABC")
        list_pair("companies", one, two)
        return one, two, three


@pytest.mark.one_database
def test_who_joined_a_group_since_the_page_was_shown_is_not_decided_about(
    app: Flask, three: tuple[int, int, int], pages: FlaskClient
) -> None:
    forms = [
        read_page(pages.get(address).text).one("main").all("form", action="/duplicates/1/decision")[0]
        for address in ("/duplicates", "/duplicates/1")
    ]
    with app.app_context():
        list_pair("companies", three[1], three[2])
    for form in forms:
        values = {**form.form_values(), "verb": "not_the_same"}
        assert pages.post("/duplicates/1/decision", data=values).status_code == 303
        with app.app_context():
            assert ids_listed("not_the_same") == [three[:2]]
        pages.post("/duplicates/1/decision", data={"verb": "reopen"})


@pytest.mark.one_database
def test_who_left_a_group_since_is_not_merged_and_neither_is_who_was_not_ticked(
    app: Flask, three: tuple[int, int, int], pages: FlaskClient
) -> None:
    one, two, left = three
    with app.app_context():
        list_pair("companies", two, left)
        list_pair("companies", one, left)
    form = read_page(pages.get("/duplicates/1").text).one("form", id="merge").form_values()
    with app.app_context():
        deleted("companies", left)
    ticked = {**form, "stays": str(one), "record": [str(one), str(left)]}
    assert pages.post("/duplicates/1/merge", data=ticked).status_code == 409
    decision = {"verb": "not_the_same", "record_id": str(left), "seen": " ".join(map(str, three))}
    assert pages.post("/duplicates/1/decision", data=decision).status_code == 404
    with app.app_context():
        assert [row.id for row in pulling.companies()] == [one, two]
        assert ids_listed("open") == [(one, two)]
