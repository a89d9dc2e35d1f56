"""Everything that both sides hold, to be compared before and after what must not touch them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.support.applications.services import reading
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pulling import all_rows
from tests.support.usecases.pushing import objects
from webapp.models import (
    ApiUsage,
    AuditEntry,
    Base,
    FrequencyCount,
    LogEntry,
    LoginSession,
    PlannedAddress,
    PlannedObject,
    PlannedRecord,
    PropertyCache,
    Run,
)

_PREVIEWS_OWN = (Run, LogEntry, ApiUsage, PropertyCache, FrequencyCount, AuditEntry, LoginSession)
"""A preview writes here: of runs and their log what is no preview's is compared all the same.

HubSpot's definitions are a copy that is read by whoever needs it first, and so is the count of what records
share. That somebody began a preview is in the audit log.
"""


def everything(sandbox: SandboxServer) -> dict[str, Any]:
    """Every row here that is no preview's own, each object there, and how often the portal was written to."""
    counts = sandbox.counts()
    here: dict[str, Any] = {}
    own = {table.__tablename__ for table in _PREVIEWS_OWN}
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in own:
                rows = session.execute(select(table).order_by(*table.primary_key)).all()
                here[table.name] = [tuple(row) for row in rows]
        real = select(Run.__table__).where(~Run.is_preview).order_by(Run.id)
        here["runs"] = [tuple(row) for row in session.execute(real)]
        entries = select(LogEntry.__table__).join(Run, Run.id == LogEntry.run_id).where(~Run.is_preview)
        in_order = entries.order_by(LogEntry.run_id, LogEntry.seq)
        here["log_entries"] = [tuple(row) for row in session.execute(in_order)]
    there = {kind: objects(sandbox, kind, "hs_lastmodifieddate") for kind in ("companies", "contacts")}
    return {"here": here, "there": there, "writes": counts["writes"], "changes": counts["changes"]}


def planned_rows() -> int:
    """How much previews have left behind."""
    return sum(len(all_rows(table)) for table in (PlannedRecord, PlannedAddress, PlannedObject))
