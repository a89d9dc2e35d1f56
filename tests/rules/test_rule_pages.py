"""The page on which rules are built: tried before they are saved, refused in words (B27)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from tests.support.applications.services import reading
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_remote_objects
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.rules.rule import Condition, Group, Rule
from webapp.models import User
from webapp.store.rules import rules, values
from webapp.web.rules.forms import form_of, read_form

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
_IN = "/integrations/hubspot/rules/companies/in"
_OUT = "/integrations/hubspot/rules/companies/out"


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what it brings about
    """A portal with a company in Berlin and one in Ulm, not pulled yet."""
    for name, city, stage in (("Nord", "Berlin", "customer"), ("Süd", "Ulm", "lead")):
        sandbox.create("companies", {"name": name, "city": city, "lifecyclestage": stage})
    return pulling.connected()


def _sent(do: str, *rows: tuple[str, str, str, int], join: str = "all", groups: tuple[str, ...] = ()) -> Any:
    fields = [("do", do), ("join", join), *(("group_join", one) for one in groups)]
    for field, operator, value, group in rows:
        fields += [("field", field), ("operator", operator), ("value", value), ("group", str(group))]
    return MultiDict(fields)


def _saved(client: FlaskClient, sent: Any, address: str = _IN) -> int:
    """Save as a person does: look at what it changes, and put that in force."""
    page = read_page(client.post(address, data=sent).text)
    fields = [(one["name"], one["value"]) for one in page.all("input", type="hidden")]
    return client.post(address, data=MultiDict([*fields, ("do", "save")])).status_code


def _stored(connection_id: int, side: str = "in") -> Rule:
    with reading() as session:
        return rules.load(session, connection_id, "companies", side)


def test_a_form_keeps_what_a_rule_says() -> None:
    either = Group(
        "any", (Condition("city", "any_of", ["Ulm", "Bonn"]), Condition("employees", "greater", "9"))
    )
    rule = Rule("all", (Condition("name", "is_not_blank"),), (either,))
    assert form_of(rule).as_rule({}) == rule


def test_conditions_and_groups_come_and_go() -> None:
    form = read_form(_sent("", ("name", "is", "Nord", 0)))
    form.change("group")
    form.change("add:1")
    form.change("group")
    assert [row.group for row in form.rows] == [0, 1, 1, 2]
    form.change("remove:2")
    form.change("remove:1")
    assert ([row.group for row in form.rows], form.group_joins) == ([0, 1], ["any"])
    for nonsense in ("add:7", "remove:99", "add:x", "dance", ""):
        form.change(nonsense)
    assert len(form.rows) == 2


def test_a_rule_is_built_tried_and_saved(connection_id: int, logged_in: LogIn, administrator: User) -> None:
    client = logged_in(administrator)
    assert "There is no condition" in client.get(_IN).text
    assert read_page(client.post(_IN, data=_sent("add:0")).text).has(name="value")
    added = read_page(client.post(_IN, data=_sent("add:0", ("city", "is", "Ulm", 0))).text)
    assert "autofocus" in added.one("select", id="field-1").attributes, "who adds a condition goes on in it"
    assert "autofocus" not in added.one("select", id="field-0").attributes
    assert 'class="condition-group"' in client.post(_IN, data=_sent("group")).text
    berlin = ("city", "is", "Berlin", 1)
    assert _saved(client, _sent("save", berlin, ("city", "is", "Bonn", 1), groups=("any",))) == 303
    either = Group("any", (Condition("city", "is", "Berlin"), Condition("city", "is", "Bonn")))
    assert _stored(connection_id) == Rule("all", (), (either,))
    pulling.pulled(connection_id)
    assert pulling.names(pulling.companies()) == ["Nord"]
    page = client.get(_IN).text
    assert "Berlin" in page
    tried = client.post(_IN, data=_sent("try", ("status", "is", "lead", 0))).text
    assert "1 more would come in: Süd" in read_page(tried).shown_text
    assert "1 linked keep syncing" in tried
    assert _stored(connection_id) == Rule("all", (), (either,)), "a trial saves nothing"


@pytest.mark.usefixtures("connection_id")
def test_a_rule_for_pushes_is_tried_on_the_records_here(logged_in: LogIn, administrator: User) -> None:
    for number in range(10):
        make_company(name=f"Firm {number}", city="Ulm", domain=None)
    make_company(name="Bonner", city="Bonn", domain=None)
    tried = logged_in(administrator).post(_OUT, data=_sent("try", ("city", "is", "Bonn", 0))).text
    text = read_page(tried).shown_text
    assert "10 would no longer be sent: Firm 0, Firm 1, Firm 2, Firm 3" in text
    assert "and 2 more" in text
    assert "0 more would be sent" in text


def test_what_makes_no_sense_is_named_and_kept_in_the_form(
    connection_id: int, logged_in: LogIn, administrator: User
) -> None:
    answer = logged_in(administrator).post(_IN, data=_sent("save", ("employees", "greater", "many", 0)))
    assert answer.status_code == 422
    assert "Employees: “many” is not a number. Write it as 1200 or 0.5." in answer.text
    assert read_page(answer.text).has("input", value="many")
    assert _stored(connection_id) == Rule()


def test_nothing_is_saved_before_its_numbers_were_seen(
    connection_id: int, logged_in: LogIn, administrator: User
) -> None:
    client, sent = logged_in(administrator), _sent("save", ("city", "is", "Bonn", 0))
    make_company(name="Bonner", city="Bonn", domain=None)
    make_company(name="Ulmer", city="Ulm", domain=None)
    page = client.post(_OUT, data=sent)
    assert page.status_code == 200
    assert "1 would no longer be sent: Ulmer" in read_page(page.text).shown_text
    assert "City is Bonn" in page.text
    assert _stored(connection_id, "out") == Rule()
    mark = read_page(page.text).all("input", name="shown")[0]["value"]
    other = client.post(
        _OUT, data=MultiDict([*_sent("save", ("city", "is", "Ulm", 0)).items(multi=True), ("shown", mark)])
    )
    assert "Somebody else changed the rule meanwhile." in other.text
    assert _stored(connection_id, "out") == Rule(), "what was shown is saved, and nothing else"
    assert _saved(client, sent, _OUT) == 303
    assert _stored(connection_id, "out") == Rule("all", (Condition("city", "is", "Bonn"),))
    again = client.post(_OUT, data=sent, follow_redirects=True)
    assert "nothing was changed" in again.text


def test_numbers_beside_an_overtaken_rule_are_shown_anew(
    connection_id: int, logged_in: LogIn, administrator: User
) -> None:
    client, sent = logged_in(administrator), _sent("save", ("city", "is", "Bonn", 0))
    mark = read_page(client.post(_OUT, data=sent).text).all("input", name="shown")[0]["value"]
    assert _saved(client, _sent("save", ("city", "is", "Ulm", 0)), _OUT) == 303
    late = client.post(_OUT, data=MultiDict([*sent.items(multi=True), ("shown", mark)]))
    assert "Somebody else changed the rule meanwhile." in late.text
    assert _stored(connection_id, "out") == Rule("all", (Condition("city", "is", "Ulm"),))


@pytest.mark.every_database
def test_values_are_chosen_from_a_list_with_counts(
    connection_id: int, logged_in: LogIn, administrator: User
) -> None:
    client = logged_in(administrator)
    make_company(name="Bonner", city="Bonn", domain=None, status="Customer")
    make_company(name="Ulmer", city="Ulm", domain=None, status="Customer")
    make_company(name="Ulm II", city="Ulm", domain=None)
    status = read_page(client.post(_OUT, data=_sent("fit", ("status", "is", "", 0))).text)
    assert "Customer (2)" in status.shown_text
    assert "Former (0)" in status.shown_text
    city = client.post(_OUT, data=_sent("fit", ("city", "any_of", "", 0))).text
    assert read_page(city).has("input", name="picked-0", value="Ulm")
    assert "Ulm (2)" in read_page(city).shown_text
    sent = _sent("save", ("city", "any_of", "Köln, Mainz", 0))
    sent.add("picked-0", "Ulm, Donau")
    assert _saved(client, sent, _OUT) == 303
    stored = Condition("city", "any_of", ["Ulm, Donau", "Köln", "Mainz"])
    assert _stored(connection_id, "out") == Rule("all", (stored,))


@pytest.mark.every_database
def test_values_that_no_record_can_have_are_refused_with_those_it_can(
    connection_id: int, logged_in: LogIn, administrator: User
) -> None:
    answer = logged_in(administrator).post(_IN, data=_sent("save", ("status", "is", "Cusomer", 0)))
    assert answer.status_code == 422
    assert (
        "“Cusomer” is none of its values. Choose one of: Lead, Prospect, Customer, Former, Other."
        in answer.text
    )
    assert _stored(connection_id) == Rule()


@pytest.mark.usefixtures("connection_id")
def test_a_value_that_no_record_has_so_far_is_asked_about(logged_in: LogIn, administrator: User) -> None:
    make_company(name="Berliner", city="Berlin", domain=None)
    page = logged_in(administrator).post(_OUT, data=_sent("save", ("city", "is", "Berln", 0))).text
    assert "City: no record has “Berln” so far. Did you mean “Berlin”?" in read_page(page).shown_text


@pytest.mark.usefixtures("connection_id")
def test_the_form_itself_says_that_no_record_has_a_value_before_it_is_saved(
    logged_in: LogIn, administrator: User
) -> None:
    make_company(name="Berliner", city="Berlin", domain="berliner.de")
    client = logged_in(administrator)

    def hint(*row: Any) -> str:
        return read_page(client.post(_OUT, data=_sent("fit", row)).text).one("p", id="unmet-0").shown_text

    save = " You can save it all the same."
    assert (
        hint("city", "is", "Berln", 0) == f"City: no record has “Berln” so far. Did you mean “Berlin”?{save}"
    )
    assert hint("city", "any_of", "Berlin, Ulm", 0) == f"City: no record has “Ulm” so far.{save}"
    assert hint("name", "is_not", "Berlner", 0).startswith(
        "Name: no record has “Berlner” so far. Did you mean “Berliner”?"
    )
    assert hint("domain", "contains", ".at", 0).startswith(
        "Domain: no record has a value with “.at” in it so far."
    )
    assert hint("city", "starts_with", "erl", 0).startswith(
        "City: no record has a value that starts with “erl” so far."
    )
    for fine in (
        ("city", "is", "BERLIN "),
        ("domain", "contains", ".DE"),
        ("city", "is", ""),
        ("name", "is_blank", ""),
    ):
        assert hint(*fine, 0) == "", fine


@pytest.mark.usefixtures("connection_id")
def test_a_rare_value_among_very_many_is_known(
    logged_in: LogIn, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(210):
        make_company(name=f"Firm {number}", city=f"Town {number:03}", domain=None)
    client = logged_in(administrator)
    for number in (0, 209):
        page = client.post(_OUT, data=_sent("save", ("city", "is", f"Town {number:03}", 0))).text
        assert "no record has" not in page
    monkeypatch.setattr(values, "SAMPLE", 100)
    page = client.post(_OUT, data=_sent("save", ("city", "is", "Town 00", 0))).text
    assert "City: none of the newest records has “Town 00”." in read_page(page).shown_text


def test_of_very_many_objects_that_were_left_out_the_newest_are_known(
    connection_id: int, logged_in: LogIn, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "SAMPLE", 2)
    left_out = {"object_type": "companies", "state": "unlinked", "properties": {"city": "Ulm"}}
    make_remote_objects(connection_id, ["1", "2", "3"], **left_out)
    page = logged_in(administrator).post(_IN, data=_sent("fit", ("city", "is", "Bonn", 0))).text
    assert "City: none of the newest records has “Bonn”." in read_page(page).shown_text


def test_members_make_no_rules(connection_id: int, logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    assert client.get(_IN).status_code == 403
    assert client.post(_IN, data=_sent("save", ("city", "is", "Ulm", 0))).status_code == 403
    assert _stored(connection_id) == Rule()
