"""What HubSpot merges into other objects: nothing is asked about it, or offered, any more (B24)."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted
from tests.support.usecases.pushing import connected_with_key, pushed_record
from tests.support.usecases.undoing import undo_of
from webapp.models import HeldCandidate

pytestmark = pytest.mark.one_database


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - within its context
    """The sandbox's portal, connected, with our unique property."""
    return connected_with_key(sandbox)


@pytest.fixture
def firm(sandbox: SandboxServer, connection_id: int) -> str:  # noqa: ARG001 - behind its connection
    """A company in HubSpot."""
    return str(sandbox.create("companies", {"name": "Nord", "domain": "nord.de"})["id"])


def _contact(sandbox: SandboxServer, firm: str, first_name: str, **values: str) -> str:
    values = {"firstname": first_name, "lastname": "Roth", **values}
    return str(sandbox.create("contacts", values, [firm])["id"])


@pytest.mark.every_database
@pytest.mark.parametrize("new_id", [True, False])
def test_a_question_ends_when_its_object_goes_into_a_linked_one(
    connection_id: int, sandbox: SandboxServer, firm: str, *, new_id: bool
) -> None:
    eva = _contact(sandbox, firm, "Eva", email="eva@nord.de")
    pulling.pulled(connection_id)
    ost = make_company(name="Ost", domain="ost.de")
    ina = make_contact(ost.id, first_name="Ina", last_name="Roth", email="ina@ost.de", city="Ulm")
    in_question = _contact(sandbox, firm, "Ina", city="Ulm")
    pulling.pulled(connection_id)
    assert pulling.left_out_of(in_question).reason == "doubtful_match"
    sandbox.merge("contacts", eva, in_question, new_id=new_id)
    pulling.pulled(connection_id)
    assert pulling.left_out("contacts") == []
    assert pulling.all_rows(HeldCandidate) == []
    run = pushed_record(connection_id, "contacts", ina.id)
    assert run.counts["contacts"] == {"created": 1}, "no open question keeps it back"


def test_what_the_rules_left_out_is_not_listed_any_more(
    connection_id: int, sandbox: SandboxServer, firm: str
) -> None:
    """Whether it goes into an object that is linked, or into one that is left out as well."""
    pulling.add_rule(connection_id, "contacts", {"field": "city", "operator": "is_not", "value": "Rom"})
    eva = _contact(sandbox, firm, "Eva", email="eva@nord.de")
    outside = [_contact(sandbox, firm, name, city="Rom") for name in ("Ida", "Mia", "Zoe")]
    pulling.pulled(connection_id)
    assert sorted(one.remote_id for one in pulling.left_out("contacts")) == sorted(outside)
    sandbox.merge("contacts", eva, outside[0], new_id=False)
    survivor = sandbox.merge("contacts", outside[1], outside[2], new_id=True)["id"]
    pulling.pulled(connection_id)
    assert [one.remote_id for one in pulling.left_out("contacts")] == [survivor]


@pytest.mark.parametrize("new_id", [True, False])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_deleted_record_is_not_offered_once_its_object_is_anothers(
    connection_id: int, sandbox: SandboxServer, firm: str, *, new_id: bool, is_first: bool
) -> None:
    """Nothing is left to bring back; after an undo of the deletion the linked record keeps the object."""
    eva, ewa = (_contact(sandbox, firm, name, email=f"{name}@nord.de") for name in ("Eva", "Ewa"))
    pulling.pulled(connection_id)
    kept, deletion = pulling.link_of(ewa).record_id, deleted("contacts", pulling.link_of(eva).record_id)
    pair = (eva, ewa) if is_first else (ewa, eva)
    survivor = str(sandbox.merge("contacts", *pair, new_id=new_id)["id"])
    pulling.pulled(connection_id)
    assert [one.remote_id for one in pulling.links("contacts")] == [survivor]
    assert pulling.left_out() == []
    undo_of(deletion.id)
    pulling.pulled(connection_id)
    assert pulling.link_of(survivor).record_id == kept
    assert {one.state for one in pulling.links("contacts") if one.remote_id != survivor} <= {"held"}
