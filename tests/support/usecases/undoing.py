"""Undoing in this process, and what both sides hold, less what an undo may leave behind."""

from __future__ import annotations

from typing import Any

from tests.support.applications.services import current_services
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Company, Contact, Run
from webapp.usecases.undo import run as undo_run

# A push gives a record a key of this installation, which stays.
_MOVING = ("version", "updated_at", "uuid")


def undo_of(run_id: int, *, is_preview: bool = False, **part: Any) -> Run:
    """The undo of a run, or of a part of it, worked off."""
    undo_request = undo_run.UndoRequest(run_id=run_id, **part)
    started = undo_run.start(
        current_services(), undo_request, trigger="command", user_id=None, is_preview=is_preview
    )
    return pulling.worked_off(started.run_id)


def records_now() -> dict[str, list[dict[str, Any]]]:
    """Every record here with all its columns but those that count changes."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in (Company, Contact):
        names = [column.name for column in table.__table__.columns if column.name not in _MOVING]
        found[table.__tablename__] = [
            {name: getattr(row, name) for name in names} for row in pulling.all_rows(table)
        ]
    return found


def links_now() -> list[tuple[Any, ...]]:
    """Which record is which object, and since when."""
    return [
        (link.object_type, link.record_id, link.remote_id, link.state, link.linked_at, link.remote_seen)
        for link in pulling.links()
    ]


PROPERTIES = {
    "companies": (
        "name",
        "domain",
        "phone",
        "address",
        "city",
        "zip",
        "country",
        "lifecyclestage",
        "website",
    ),
    "contacts": ("firstname", "lastname", "email", "phone", "jobtitle", "city", "lifecyclestage"),
}


def portal_now(sandbox: SandboxServer) -> dict[str, list[dict[str, Any]]]:
    """Every object of the portal that is not archived: what is mapped, and a contact's companies."""
    return {kind: _listed(sandbox, kind, names) for kind, names in PROPERTIES.items()}


def _listed(sandbox: SandboxServer, kind: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = {"limit": "100", "properties": ",".join(names)}
        query |= {"associations": "companies"} if kind == "contacts" else {}
        query |= {"after": after} if after else {}
        answer = sandbox.api("GET", f"/crm/v3/objects/{kind}", params=query).json()
        for one in answer["results"]:
            # A NUL, which none of our databases can hold, is nothing.
            held = {name: (one["properties"].get(name) or "").replace("\0", "") for name in names}
            companies = {"companies": _companies(one)} if kind == "contacts" else {}
            found.append(
                {"id": one["id"], **{name: value for name, value in held.items() if value}, **companies}
            )
        after = answer.get("paging", {}).get("next", {}).get("after")
        if after is None:
            return found


def companies_of(sandbox: SandboxServer, contact: str) -> list[tuple[str, str]]:
    """A contact's companies in the portal, by id and label."""
    answer = sandbox.api("GET", f"/crm/v3/objects/contacts/{contact}", params={"associations": "companies"})
    return _companies(answer.json())


def _companies(contact: dict[str, Any]) -> list[tuple[str, str]]:
    found = contact.get("associations", {}).get("companies", {}).get("results", [])
    return sorted((one["id"], one["type"]) for one in found)


def pairs_now() -> list[tuple[str, int, str, str]]:
    """Which record is which object."""
    return sorted((link.object_type, link.record_id, link.remote_id, link.state) for link in pulling.links())
