"""Each case that a push treats differently, without effect on other records (B7, B10, B33, B34, B40)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from tests.support.applications.services import writing
from tests.support.samples.factories import NOW, make_company, make_contact, make_link
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import (
    add_out_rule,
    announced,
    change_company,
    change_contact,
    held,
    objects,
    primary_of,
    pushed,
    pushed_record,
)
from webapp.domain.push.facts import Local
from webapp.domain.push.plan import Create
from webapp.models import Company, Connection, FailingRecord, FieldMapping, HeldRecord, Link
from webapp.store.push import announcing
from webapp.store.push import apply as push_apply
from webapp.usecases.mapping import definitions

pytestmark = pytest.mark.one_database


def _by_record(run_id: int, object_type: str = "contacts") -> dict[int | None, tuple[str, str | None]]:
    return {
        entry.record_id: (entry.outcome, entry.reason)
        for entry in pulling.entries(run_id)
        if entry.object_type == object_type and entry.reason != "associated"
    }


def test_one_bad_address_is_left_out_with_hubspots_words(with_key: int, sandbox: SandboxServer) -> None:
    """The contact is made by our own key, which HubSpot does not make twice either."""
    company = make_company()
    for number in range(9):
        email = "no address" if number == 4 else f"p{number}@nordlicht-verlag.de"
        make_contact(company.id, first_name=f"P{number}", email=email)
    run = pushed(with_key)
    assert run.counts["contacts"] == {"created": 9}
    [entry] = [one for one in pulling.entries(run.id) if one.reason == "fields_refused"]
    assert (entry.record_id, entry.outcome) == (5, "created")
    assert entry.detail is not None
    assert "no address" in entry.detail["error"]
    assert (entry.detail["property"], entry.detail["refused"]) == ("email", ["email"])
    assert "email" not in [name for name, *_ in entry.changes or ()]
    made = next(one for one in objects(sandbox, "contacts", "firstname", "email") if one["firstname"] == "P4")
    assert "email" not in made
    assert "email" not in pulling.link_of(made["id"]).local_seen
    [failing] = pulling.all_rows(FailingRecord)
    assert (failing.record_id, failing.reason, failing.property) == (5, "fields_refused", "email")
    change_contact(5, email="p4@nordlicht-verlag.de")
    pushed(with_key)
    assert sandbox.get("contacts", made["id"])["properties"]["email"] == "p4@nordlicht-verlag.de"
    assert not pulling.all_rows(FailingRecord)


def test_a_bad_address_fails_where_the_portal_lacks_our_property(
    connection_id: int, sandbox: SandboxServer
) -> None:
    company = make_company()
    for number in range(3):
        make_contact(company.id, email="no address" if number == 1 else f"p{number}@nordlicht-verlag.de")
    run = pushed(connection_id)
    assert run.counts["contacts"] == {"created": 2, "failed": 1}
    assert _by_record(run.id)[2] == ("failed", "refused_by_hubspot")
    assert len(objects(sandbox, "contacts")) == 2


def test_a_property_that_hubspot_deletes_meanwhile_is_left_out_in_few_calls(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = make_company()
    for number in range(40):
        make_contact(company.id, first_name=f"P{number}", email=f"p{number}@nordlicht-verlag.de")
    role = {"name": "role", "label": "Role", "type": "string", "fieldType": "text"}
    sandbox.api("POST", "/crm/v3/properties/contacts", json={**role, "groupName": "contactinformation"})
    with writing() as session:
        session.execute(update(FieldMapping).where(FieldMapping.field == "job_title").values(property="role"))
    pushed(with_key)
    archived = sandbox.api("DELETE", "/crm/v3/properties/contacts/role")
    assert archived.status_code == 204, archived.text
    for number in range(40):
        change_contact(number + 1, job_title="New", first_name=f"Q{number}")
    before = sandbox.counts()["calls"]
    # It is deleted while the push works, which has read the definitions before.
    monkeypatch.setattr(definitions, "renew", lambda *_, **__: None)
    run = pushed(with_key)
    assert run.counts["contacts"] == {"updated": 40}
    assert {reason for _, reason in _by_record(run.id).values()} == {"fields_refused"}
    assert all(one["firstname"].startswith("Q") for one in objects(sandbox, "contacts", "firstname"))
    assert sandbox.counts()["calls"] - before < 15


def test_a_contact_whose_company_is_gone_is_made_without_it(with_key: int, sandbox: SandboxServer) -> None:
    company = make_company()
    pushed(with_key)
    sandbox.archive("companies", pulling.links("companies")[0].remote_id)
    make_contact(company.id, email="eva@nordlicht-verlag.de")
    # Its push alone does not look at the company, as the whole one would.
    run = pushed_record(with_key, "contacts", 1)
    assert run.counts["contacts"] == {"created": 1}
    assert pulling.outcomes(run.id)[0][1:] == ("created", "fields_refused")
    assert len(objects(sandbox, "contacts")) == 1


def _lost_link(connection_id: int, object_type: str, **changed: Any) -> None:
    """A record whose object a push made, and whose link is gone as after restoring an older backup."""
    make_company(name="Acme", domain="acme.de")
    make_contact(1, first_name="Ana", last_name="Roth", email=None)
    pushed(connection_id)
    (change_company if object_type == "companies" else change_contact)(1, **changed)
    with writing() as session:
        session.execute(delete(Link).where(Link.object_type == object_type))


@pytest.mark.parametrize("object_type", ["companies", "contacts"])
def test_an_object_that_bears_the_records_key_is_linked_again(
    with_key: int, sandbox: SandboxServer, object_type: str
) -> None:
    _lost_link(with_key, object_type)
    run = pushed(with_key)
    assert _by_record(run.id, object_type)[1] == ("updated", "found_by_key")
    assert len(objects(sandbox, object_type)) == 1


@pytest.mark.parametrize(
    ("object_type", "changed"),
    [("companies", {"domain": "other.de"}), ("contacts", {"first_name": "Otto", "last_name": "Haas"})],
)
def test_an_object_with_the_records_key_that_looks_like_another_is_held_unwritten(
    with_key: int, sandbox: SandboxServer, object_type: str, changed: dict[str, Any]
) -> None:
    _lost_link(with_key, object_type, **changed)
    before = objects(sandbox, object_type, "domain", "firstname")
    run = pushed(with_key)
    assert _by_record(run.id, object_type)[1] == ("held", "key_on_other")
    assert objects(sandbox, object_type, "domain", "firstname") == before
    with writing() as session:
        for row in session.scalars(select(HeldRecord)):
            row.decision = {"verb": "link", "remote_id": before[0]["id"]}
    assert pushed(with_key).counts[object_type] == {"updated": 1}
    assert not held()


def test_one_bad_value_is_left_out_and_the_rest_of_its_record_and_batch_is_sent(
    with_key: int, sandbox: SandboxServer
) -> None:
    company = make_company()
    for number in range(9):
        make_contact(company.id, first_name=f"P{number}", email=f"p{number}@nordlicht-verlag.de")
    pushed(with_key)
    for number in range(9):
        change_contact(number + 1, job_title="New", email="bad" if number == 6 else f"q{number}@x-firm.de")
    run = pushed(with_key)
    assert run.counts["contacts"] == {"updated": 9}
    assert _by_record(run.id)[7] == ("updated", "fields_refused")
    assert sum(one.get("jobtitle") == "New" for one in objects(sandbox, "contacts", "jobtitle")) == 9
    seen = next(link for link in pulling.links("contacts") if link.record_id == 7)
    assert seen.local_seen["email"] == seen.remote_seen["email"] == "p6@nordlicht-verlag.de"


def test_an_update_of_which_hubspot_takes_nothing_fails(with_key: int) -> None:
    make_contact(make_company().id, email="eva@nordlicht-verlag.de")
    pushed(with_key)
    change_contact(1, email="bad")
    run = pushed(with_key)
    assert run.counts["contacts"] == {"failed": 1}
    assert _by_record(run.id)[1] == ("failed", "refused_by_hubspot")


def test_a_blank_here_never_overwrites_a_value_there(with_key: int, sandbox: SandboxServer) -> None:
    made = sandbox.create(
        "companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn", "phone": "1234567"}
    )
    pulling.pulled(with_key)
    change_company(1, city=None, phone="  ")
    run = pushed(with_key)
    assert run.counts["companies"] == {"unchanged": 1}
    assert sandbox.get("companies", made["id"])["properties"]["city"] == "Bonn"


def test_a_further_address_at_hubspot_leads_to_the_same_contact(
    with_key: int, sandbox: SandboxServer
) -> None:
    first = sandbox.create("contacts", {"firstname": "Ana", "email": "ana@old.de"})
    other = sandbox.create("contacts", {"firstname": "Ana", "email": "ana@new.de"})
    survivor = sandbox.merge("contacts", first["id"], other["id"])
    company = make_company()
    make_contact(company.id, first_name="Ana", last_name=None, email="ana@new.de")
    run = pushed(with_key)
    assert run.counts["contacts"] == {"updated": 1}
    assert pulling.links("contacts")[0].remote_id == survivor["id"]
    assert len(objects(sandbox, "contacts")) == 1


@pytest.mark.every_database
def test_two_contacts_here_with_one_address_are_not_both_sent(with_key: int, sandbox: SandboxServer) -> None:
    company = make_company()
    make_contact(company.id, first_name="Ana", email="ana@x-firm.de")
    make_contact(company.id, first_name="Other", email="ANA@x-firm.de")
    run = pushed(with_key)
    assert _by_record(run.id) == {1: ("created", None), 2: ("held", "same_email_here")}
    assert [one.record_id for one in held()] == [2]
    assert [one["firstname"] for one in objects(sandbox, "contacts", "firstname")] == ["Ana"]


@pytest.mark.every_database
def test_two_companies_here_with_one_domain_are_not_both_sent(with_key: int, sandbox: SandboxServer) -> None:
    make_company(name="Acme", domain="acme.de")
    make_company(name="Acme Two", domain="www.acme.de")
    run = pushed(with_key)
    assert _by_record(run.id, "companies")[2] == ("held", "same_domain_here")
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["Acme"]


def test_several_companies_at_hubspot_are_a_question_for_a_person(
    with_key: int, sandbox: SandboxServer
) -> None:
    sandbox.settings(search_delay_s=0)
    ids = [sandbox.create("companies", {"name": f"Acme {n}", "domain": "acme.de"})["id"] for n in range(2)]
    make_company(name="Acme", domain="acme.de")
    run = pushed(with_key)
    assert _by_record(run.id, "companies") == {1: ("held", "several_at_hubspot")}
    [pending] = held()
    assert pending.detail is not None
    assert [one["remote_id"] for one in pending.detail["candidates"]] == ids
    for one in pending.detail["candidates"]:
        assert (one["evidence"], one["points"]) == (["same_domain", "other_branch"], 20)
    with writing() as session:
        session.merge(pending).decision = {"verb": "link", "remote_id": ids[1]}
    pushed_record(with_key, "companies", 1)
    assert pulling.links("companies")[0].remote_id == ids[1]
    assert not held()


def test_an_object_that_is_linked_to_another_record_is_not_taken_over(
    with_key: int, sandbox: SandboxServer
) -> None:
    company = make_company()
    there = sandbox.create("contacts", {"firstname": "Ana", "email": "ana@x-firm.de"})
    make_contact(company.id, first_name="Ana", last_name=None, email="ana@other.de")
    make_link(with_key, "contacts", 1, there["id"])
    make_contact(company.id, first_name="Bert", email="ana@x-firm.de")
    change_contact(1, email=None)
    run = pushed(with_key)
    assert _by_record(run.id)[2] == ("held", "object_linked")
    assert sandbox.get("contacts", there["id"])["properties"]["firstname"] == "Ana"


def test_an_address_that_another_object_has_holds_the_change(with_key: int, sandbox: SandboxServer) -> None:
    company = make_company()
    make_contact(company.id, first_name="Ana", email="ana@x-firm.de")
    make_contact(company.id, first_name="Bert", email="bert@x-firm.de")
    pushed(with_key)
    sandbox.create("contacts", {"firstname": "Cleo", "email": "cleo@x-firm.de"})
    change_contact(1, email="cleo@x-firm.de", job_title="Boss")
    change_contact(2, job_title="Clerk")
    run = pushed(with_key)
    assert _by_record(run.id) == {1: ("held", "email_taken_at_hubspot"), 2: ("updated", None)}
    assert [one.record_id for one in held()] == [1]
    change_contact(1, email="ana@x-firm.de")
    pushed(with_key)
    assert not held()


def test_a_merged_object_is_followed_to_the_survivor(with_key: int, sandbox: SandboxServer) -> None:
    company = make_company()
    make_contact(company.id, first_name="Ana", email="ana@x-firm.de")
    pushed(with_key)
    old = pulling.links("contacts")[0].remote_id
    other = sandbox.create("contacts", {"firstname": "Ana", "email": "ana2@x-firm.de"})
    survivor = sandbox.merge("contacts", other["id"], old)
    change_contact(1, job_title="Boss")
    run = pushed(with_key)
    assert _by_record(run.id) == {1: ("updated", "relinked")}
    assert pulling.links("contacts")[0].remote_id == survivor["id"]
    assert sandbox.get("contacts", survivor["id"])["properties"]["jobtitle"] == "Boss"


def test_what_was_deleted_at_hubspot_is_left_until_its_own_button_is_pressed(
    with_key: int, sandbox: SandboxServer
) -> None:
    company = make_company()
    make_contact(company.id, first_name="Ana", email="ana@x-firm.de")
    pushed(with_key)
    sandbox.archive("contacts", pulling.links("contacts")[0].remote_id)
    for _ in range(2):
        run = pushed(with_key)
        assert _by_record(run.id) == {1: ("skipped", "gone_in_hubspot")}
    assert objects(sandbox, "contacts") == []
    run = pushed_record(with_key, "contacts", 1)
    assert _by_record(run.id) == {1: ("created", None)}
    assert not announced()
    [made] = objects(sandbox, "contacts")
    assert pulling.links("contacts")[0].remote_id == made["id"]


def test_what_came_from_hubspot_is_given_a_key_when_it_is_made_there_once_more(
    with_key: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    person = sandbox.create("contacts", {"firstname": "Ana", "lastname": "Roth"}, companies=[firm["id"]])
    pulling.pulled(with_key)
    [contact] = pulling.contacts()
    assert contact.uuid == ""
    sandbox.archive("contacts", person["id"])
    pushed(with_key)
    pushed_record(with_key, "contacts", contact.id)
    [made] = objects(sandbox, "contacts", "twinbook_id")
    [contact] = pulling.contacts()
    assert made["twinbook_id"] == contact.uuid
    assert UUID(contact.uuid).version == 8
    with writing() as session:
        session.execute(delete(Link).where(Link.object_type == "contacts"))
    run = pushed(with_key)
    assert _by_record(run.id) == {1: ("updated", "found_by_key")}


@pytest.mark.every_database
def test_two_pushes_that_announce_one_record_give_it_one_key(with_key: int) -> None:
    contact = make_contact(make_company().id, uuid="")
    run = pulling.run_of(pulling.begun(with_key, "push"))
    batch = push_apply.Batch(with_key, run.id, run.fence, "contacts", NOW)
    uuids = []
    for made_up in (str(uuid4()), str(uuid4())):
        local = Local(id=contact.id, uuid=made_up, is_active=True, values={}, is_unnamed=True)
        with writing() as session:
            kept = announcing.announce(session, batch, [Create(local=local, changes=())])
        uuids.append(kept[contact.id])
    [stored] = pulling.contacts()
    assert uuids == [stored.uuid, stored.uuid]


def test_a_lifecycle_stage_that_hubspot_keeps_is_no_false_success(
    with_key: int, sandbox: SandboxServer
) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "lifecyclestage": "customer"})
    pulling.pulled(with_key)
    change_company(1, status="Lead")
    run = pushed(with_key)
    assert _by_record(run.id, "companies") == {1: ("skipped", "kept_by_hubspot")}
    change_company(1, city="Bonn")
    run = pushed(with_key)
    assert [(one.reason, one.changes) for one in pulling.entries(run.id)] == [
        (None, [["city", None, "Bonn"]])
    ]
    assert sandbox.get("companies", made["id"])["properties"]["lifecyclestage"] == "customer"


def test_without_the_unique_property_only_contacts_with_an_address_are_made(
    connection_id: int, sandbox: SandboxServer
) -> None:
    company = make_company()
    make_contact(company.id, first_name="Ana", email="ana@x-firm.de")
    make_contact(company.id, first_name="Bert", email=None)
    run = pushed(connection_id)
    assert _by_record(run.id, "companies") == {1: ("skipped", "needs_unique_property")}
    assert _by_record(run.id) == {1: ("created", None), 2: ("skipped", "needs_unique_property")}
    assert len(objects(sandbox, "contacts")) == 1


def test_a_contact_without_an_address_is_made_and_said_so(with_key: int, sandbox: SandboxServer) -> None:
    company = make_company()
    make_contact(company.id, first_name="Bert", email=None)
    run = pushed(with_key)
    assert _by_record(run.id) == {1: ("created", "created_without_match_key")}
    pushed(with_key)
    assert len(objects(sandbox, "contacts")) == 1


def test_rules_and_deactivation_keep_records_back(with_key: int, sandbox: SandboxServer) -> None:
    add_out_rule(with_key, "companies", {"field": "city", "operator": "is", "value": "Bonn"})
    make_company(name="In", domain="in-firm.de", city="Bonn")
    make_company(name="Out", domain="out-firm.de", city="Ulm")
    make_company(name="Asleep", domain="asleep-firm.de", city="Bonn")
    with writing() as session:
        session.get_one(Company, 3).is_active = False
    run = pushed(with_key)
    assert _by_record(run.id, "companies") == {
        1: ("created", None),
        2: ("skipped", "rule_excluded"),
        3: ("skipped", "deactivated"),
    }
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["In"]


def test_what_is_linked_keeps_being_pushed_whatever_the_rules_say(
    with_key: int, sandbox: SandboxServer
) -> None:
    make_company(name="In", domain="in-firm.de", city="Bonn")
    pushed(with_key)
    add_out_rule(with_key, "companies", {"field": "city", "operator": "is", "value": "Bonn"})
    change_company(1, city="Ulm")
    assert _by_record(pushed(with_key).id, "companies") == {1: ("updated", None)}
    assert [one["city"] for one in objects(sandbox, "companies", "city")] == ["Ulm"]


def test_the_primary_company_is_changed_and_the_former_one_stays_plain(
    with_key: int, sandbox: SandboxServer
) -> None:
    for name in ("one", "two"):
        make_company(name=name, domain=f"{name}-firm.de")
    make_contact(1, first_name="Ana", email="ana@one-firm.de")
    pushed(with_key)
    change_contact(1, company_id=2)
    run = pushed(with_key)
    one, two = (link.remote_id for link in pulling.links("companies"))
    contact = pulling.links("contacts")[0].remote_id
    assert primary_of(sandbox, contact) == two
    assert run.counts["associations"] == {"updated": 1}
    [entry] = [one for one in pulling.entries(run.id) if one.reason == "associated"]
    assert entry.changes == [["primary_company", one, two]]
    assert {found["id"] for found in _companies_of(sandbox, contact)} == {one, two}
    assert pushed(with_key).counts["associations"] == {"unchanged": 1}


def _companies_of(sandbox: SandboxServer, contact: str) -> list[dict[str, Any]]:
    query = {"associations": "companies"}
    answer = sandbox.api("GET", f"/crm/v3/objects/contacts/{contact}", params=query).json()
    found: list[dict[str, Any]] = answer["associations"]["companies"]["results"]
    return found


def test_a_company_takes_its_contacts_along_whatever_the_rules_say(
    with_key: int, sandbox: SandboxServer
) -> None:
    add_out_rule(with_key, "contacts", {"field": "city", "operator": "is", "value": "Bonn"})
    for name in ("one", "two"):
        make_company(name=name, domain=f"{name}-firm.de")
    make_contact(1, first_name="Ana", email="ana@one-firm.de")
    make_contact(2, first_name="Bert", email="bert@two-firm.de")
    run = pushed_record(with_key, "companies", 1)
    assert run.counts == {
        "companies": {"created": 1},
        "contacts": {"created": 1},
        "associations": {"unchanged": 1},
    }
    assert _by_record(run.id) == {1: ("created", "outside_rules")}
    assert [one["firstname"] for one in objects(sandbox, "contacts", "firstname")] == ["Ana"]


def test_a_contact_goes_alone_and_says_when_its_company_is_missing(
    with_key: int, sandbox: SandboxServer
) -> None:
    make_company(name="one", domain="one-firm.de")
    make_contact(1, first_name="Ana", email="ana@one-firm.de")
    run = pushed_record(with_key, "contacts", 1)
    assert _by_record(run.id) == {1: ("created", "company_not_linked")}
    assert objects(sandbox, "companies") == []


def test_pushing_a_record_again_and_again_makes_one_object(with_key: int, sandbox: SandboxServer) -> None:
    make_company(name="one", domain=None)
    for _ in range(3):
        pushed_record(with_key, "companies", 1)
    assert len(objects(sandbox, "companies")) == 1


def test_a_connection_without_any_key_state_is_not_trusted_with_creates(
    connection_id: int, sandbox: SandboxServer
) -> None:
    with writing() as session:
        session.get_one(Connection, connection_id).key_properties = {"companies": "not_unique"}
    make_company()
    run = pushed(connection_id)
    assert run.counts["companies"] == {"skipped": 1}
    assert objects(sandbox, "companies") == []
