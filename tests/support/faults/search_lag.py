"""HubSpot's search that lags behind what was made, and the checks of that once it has caught up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import pushed
from webapp.domain.push.creation_checks import CHECKED_AFTER
from webapp.models import CreationCheck, Run
from webapp.usecases.push.new_objects import creation_checks

_PHONE = "+49 228 1234567"


def time_goes_by(sandbox: SandboxServer) -> None:
    """Let the search catch up, and twice HubSpot's lag go by since the pushes ended."""
    sandbox.settings(search_delay_s=0)
    long_ago = datetime.now(UTC) - 3 * CHECKED_AFTER
    with writing() as session:
        session.execute(update(CreationCheck).values(not_before=long_ago))
        session.execute(update(Run).where(Run.finished_at.is_not(None)).values(finished_at=long_ago))


def checked(sandbox: SandboxServer) -> Run:
    """The check of what was made, once all that time has gone by."""
    time_goes_by(sandbox)
    return begun_and_worked_off()


def begun_and_worked_off() -> Run:
    """The check of what is due by now."""
    creation_checks.begin_due(current_services())
    run = pulling.all_rows(Run, kind="check")[-1]
    return pulling.worked_off(run.id)


def person_makes_acme(sandbox: SandboxServer, **more: Any) -> str:
    """A company that somebody makes in HubSpot; its id."""
    number: str = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", **more})["id"]
    return number


def eva_on_both_sides(connection_id: int, sandbox: SandboxServer) -> tuple[str, str]:
    """A contact without an address, here and made by a person in HubSpot; the ids of company and contact.

    Here she belongs to a company that was pushed and checked before.
    """
    company = make_company(name="Acme", domain="acme.de")
    pushed(connection_id)
    checked(sandbox)
    make_contact(company.id, first_name="Eva", last_name="Roth", email=None, phone=_PHONE)
    person = {"firstname": "Eva", "lastname": "Roth", "phone": _PHONE}
    return pulling.links("companies")[0].remote_id, str(sandbox.create("contacts", person)["id"])


def associate_plainly(sandbox: SandboxServer, *pairs: tuple[str, str]) -> None:
    """Give contacts in HubSpot a company beside their primary one."""
    for contact, company in pairs:
        path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
        assert sandbox.api("PUT", path, json=[kind]).status_code in (200, 201)
