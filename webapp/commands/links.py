"""`flask explain`: how a record stands with HubSpot, and why."""

import json
from collections.abc import Iterator
from typing import Any

import click

from webapp.commands.command import command, say
from webapp.commands.services import pass_services
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.errors import TwinbookError
from webapp.services import Services
from webapp.text.matching import SIGNALS
from webapp.text.reasons import REASONS
from webapp.text.records.records import called, label
from webapp.text.refusals import refused
from webapp.text.rules import operator
from webapp.text.runs.runs import record_error
from webapp.text.sync_states import SYNC_STATES
from webapp.usecases.connection.refusals import of_stored
from webapp.usecases.links import current_state
from webapp.usecases.links.current_state import Explanation


@command("explain")
@click.argument("object_type", type=click.Choice(OBJECT_TYPES))
@click.argument("record_id", type=click.IntRange(1, 2**31 - 1), required=False, metavar="[ID]")
@click.option("--hubspot-id", metavar="ID", help="Ask by HubSpot's id, also of what was never seen here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services
def explain_command(
    services: Services,
    object_type: ObjectType,
    record_id: int | None,
    hubspot_id: str | None,
    *,
    as_json: bool,
) -> None:
    """Show how a record stands with HubSpot, and why. Nothing is written on either side."""
    if (record_id is None) == (hubspot_id is None):
        raise click.UsageError("Give either the record's number or --hubspot-id, one of the two.")
    if hubspot_id is not None and not (hubspot_id.isascii() and hubspot_id.isdecimal()):
        raise click.BadParameter("HubSpot's ids consist of digits", param_hint="--hubspot-id")
    try:
        if hubspot_id is not None:
            found = current_state.of_object(services, object_type, hubspot_id)
        else:
            found = current_state.of_record(services, object_type, record_id or 0)
    except TwinbookError as error:
        raise click.ClickException(refused(of_stored(services, error))) from error
    say(json.dumps(_json(found)) if as_json else "\n".join(_lines(found)))


def _json(found: Explanation) -> dict[str, Any]:
    reason = REASONS.get(found.state.reason or "")
    return {
        "object_type": found.object_type,
        "id": found.record_id,
        "hubspot_id": found.remote_id,
        "name": called(found.object_type, found.name),
        "state": found.state.name,
        "reason": found.state.reason,
        "text": reason.text if reason else None,
        "remedy": reason.remedy or None if reason else None,
        "detail": found.state.detail,
        "weights": {
            str(number): [{"sign": name, "weight": round(weight, 1)} for name, weight in signs]
            for number, signs in found.weights.items()
        },
    }


def _lines(found: Explanation) -> Iterator[str]:
    known_as = [f"record {found.record_id}" if found.record_id else "", f"HubSpot {found.remote_id or '-'}"]
    name, state = called(found.object_type, found.name), SYNC_STATES[found.state.name].lower()
    yield f"{name} ({', '.join(filter(None, known_as))}): {state}"
    if reason := REASONS.get(found.state.reason or ""):
        yield f"  {reason.text} {reason.remedy}".rstrip()
    detail = found.state.detail or {}
    if "operator" in detail:
        value = "" if detail.get("value") is None else f" {detail['value']}"
        condition = f"{label(detail['field'])} {operator(detail['operator'])}{value}"
        yield f"  Required: {condition}. Found: {detail.get('actual') or 'empty'}."
    for name in ("message", "property", "correlation_id", "error"):
        if detail.get(name):
            yield f"  {name.replace('_', ' ')}: {record_error(detail[name])}"
    for number, signs in found.weights.items():
        listed = ", ".join(f"{SIGNALS[sign]} {weight:+.1f}" for sign, weight in signs)
        total = sum(weight for _, weight in signs)
        yield f"  Weighed with record {number}: {listed}; in sum {total:+.1f}."
