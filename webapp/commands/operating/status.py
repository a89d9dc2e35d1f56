"""`status`: how the installation is doing."""

import json
from collections.abc import Iterator

import click

from webapp.commands.command import command, say
from webapp.commands.runs.lines import run_json
from webapp.commands.runs.waiting import trouble_lines, wait_lines
from webapp.commands.services import pass_services
from webapp.services import Services
from webapp.store.connection import troubles
from webapp.store.connection.connections import Connection
from webapp.text.refusals import stored_text
from webapp.usecases.connection import status
from webapp.usecases.connection.status import Status


@command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def status_command(services: Services, *, as_json: bool) -> None:
    """Show the connection, queues, workers, last runs and the HubSpot call budget."""
    now = status.gather(services)
    say(json.dumps(_json(now)) if as_json else "\n".join(_lines(services, now)))


def _json(now: Status) -> dict[str, object]:
    return {
        "connection": status.connection_json(
            now.connection, _trouble(now.connection), _account_trouble(now.connection)
        ),
        "redis": "up" if now.queues else "down",
        "queues": now.queues.waiting if now.queues else None,
        "workers": now.queues.workers if now.queues else None,
        "last_runs": [run_json(run) for run in now.last_runs],
        "api_budget": status.budget_json(now.budget),
    }


def _lines(services: Services, now: Status) -> Iterator[str]:
    row = now.connection
    yield f"connection  {f'portal {row.portal_id}, {row.state}' if row else 'none'}"
    for trouble in (_trouble(row), _account_trouble(row)):
        if trouble is not None:
            yield f"            {trouble}"
    if now.queues:
        yield "queues      " + ", ".join(f"{name} {count}" for name, count in now.queues.waiting.items())
        yield f"workers     {now.queues.workers}"
    else:
        yield "queues      unknown: Redis does not answer"
    for line in trouble_lines(services):
        yield f"trouble     {line}"
    if now.budget:
        today = now.budget.days[0]
        left = "" if now.budget.daily_remaining is None else f", {now.budget.daily_remaining} left today"
        yield f"api calls   {today.calls} today, {today.throttled} refused as too many{left}"
    for run in now.last_runs:
        kind = f"{run.kind} preview" if run.is_preview else run.kind
        yield f"run {run.id:<8}{kind} {run.state}{f' ({run.error})' if run.error else ''}"
        for line in wait_lines(services, run):
            yield f"            {line}"


def _trouble(row: Connection | None) -> str | None:
    """The trouble of the connection; None while it works."""
    return stored_text(row.error_text) if row is not None and row.error_text else None


def _account_trouble(row: Connection | None) -> str | None:
    """The trouble that keeps the account from being synced, if any."""
    is_paused = row is not None and troubles.lasting(row) is not None
    return stored_text(row.trouble_text) if is_paused and row is not None and row.trouble_text else None
