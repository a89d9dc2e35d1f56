"""Overview, switches and faults."""

import json
from typing import Any

import msgspec
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.calls.auth import Access
from sandbox.calls.faults import Fault, Match, Queued
from sandbox.control import refuse_other_sites
from sandbox.desk import counts
from sandbox.settings import Settings, changed
from sandbox.store.portal import Portal

Page = str | Response | tuple[str, int]
# What each switch does, in the order of the page.
SWITCHES = {
    "rate_limit": "Calls per 10 seconds; empty: not enforced",
    "search_limit": "Searches per second; empty: not enforced",
    "daily_limit": "Calls per day of static tokens; empty: none",
    "rate_headers": "Tell about the limits in headers",
    "retry_after_on_429": "Send Retry-After on 429",
    "latency_ms": "Milliseconds before every answer",
    "search_delay_s": "Seconds until search sees a change",
    "access_token_life_s": "Life of access tokens, seconds",
    "code_life_s": "Life of authorization codes, seconds",
    "rotate_refresh_tokens": "A refresh hands out a new refresh token",
    "withheld_scopes": "Scopes taken from every token, comma separated",
    "empty_values": "Blank properties: null or absent",
    "to_object_id": "toObjectId: number or string; empty: as the version has it",
    "errors_list": "Send the errors list with validation errors",
    "short_pages": "Pages shorter than asked for",
    "cursors": "Cursors of lists: next_id or opaque",
    "list_order": "Lists order ids as: number or text",
    "batch_in_input_order": "Batch results in the order of the inputs",
    "first_company_becomes_primary": "A contact's first company becomes the primary one",
    "lifecyclestage_on_create": "Lifecycle stage of new records; empty: none",
    "auto_company": "Make and associate companies by the domain of new contacts",
    "auto_company_delay_s": "Seconds until that happens",
    "format_phones": "Rewrite phone numbers to plain digits",
    "api_versions": "API versions that answer, comma separated",
    "account_type": "Kind of account",
    "portal_id": "Portal id: another one makes this a different portal",
    "time_zone": "Time zone of the account",
    "webhook_url": "Where the app takes webhook events; empty: none are sent",
    "webhook_signatures": "Signatures of deliveries: both, v1 or v3",
    "webhook_delay_s": "Seconds until an event is delivered",
    "webhook_batch_size": "Events in one delivery, at most",
    "webhook_retry_s": "Seconds until a refused delivery is repeated, at first",
    "webhook_shuffle": "Deliver events in any order",
    "webhook_duplicates": "Share of events that come twice, 0 to 1",
    "webhook_loss": "Share of events that are lost, 0 to 1",
    "webhook_properties_first": "Tell a new record's properties before its creation",
    "webhook_merge_deletions": "Tell the deletion of merged-away records",
    "webhook_seed": "Seed of what chance does to events",
}


def desk_blueprint(portal: Portal, access: Access) -> Blueprint:
    """The pages of whoever runs the sandbox."""
    blueprint = Blueprint("desk", __name__)
    blueprint.before_request(refuse_other_sites)
    add = blueprint.add_url_rule

    def home() -> Page:
        with portal.lock:
            return render_template("home.html", portal=portal, access=access, counts=counts(portal))

    def switches() -> Page:
        return _switches_page(portal)

    def set_switches() -> Page:
        try:
            portal.settings = changed(portal.settings, _switch_values(request.form))
        except (ValueError, msgspec.ValidationError) as error:
            return _switches_page(portal, str(error)), 400
        return redirect("/switches?saved=1", 303)

    def add_fault() -> Page:
        try:
            fault = _fault(request.form)
        except (ValueError, msgspec.ValidationError) as error:
            return _switches_page(portal, str(error)), 400
        with portal.lock:
            portal.faults.queued.append(Queued(fault))
        return redirect("/switches#faults", 303)

    def clear_faults() -> Page:
        with portal.lock:
            portal.faults.queued.clear()
        return redirect("/switches#faults", 303)

    add("/", "home", home)
    add("/switches", "switches", switches)
    add("/switches", "set_switches", set_switches, methods=["POST"])
    add("/faults", "add_fault", add_fault, methods=["POST"])
    add("/faults/clearing", "clear_faults", clear_faults, methods=["POST"])
    return blueprint


def _switches_page(portal: Portal, problem: str | None = None) -> str:
    values = msgspec.structs.asdict(portal.settings)
    shown = [(name, label, values[name]) for name, label in SWITCHES.items()]
    return render_template(
        "switches.html", portal=portal, switches=shown, problem=problem, queued=portal.faults.queued
    )


def _switch_values(form: Any) -> dict[str, Any]:
    defaults = msgspec.structs.asdict(Settings())
    return {name: _value(form, name, defaults[name]) for name in SWITCHES}


def _value(form: Any, name: str, default: Any) -> Any:
    text = str(form.get(name, "")).strip()
    if isinstance(default, bool):
        return name in form
    if isinstance(default, tuple):
        return [word.strip() for word in text.split(",") if word.strip()]
    if isinstance(default, str):
        return text
    if name in ("to_object_id", "lifecyclestage_on_create", "webhook_url"):
        return text or None
    return json.loads(text) if text else None


def _fault(form: Any) -> Fault:
    given: dict[str, Any] = {"kind": form.get("kind"), "status": int(form.get("status") or 500)}
    given |= {
        "times": int(form["times"]) if form.get("times") else None,
        "after": int(form.get("after") or 0),
    }
    given |= {"rate": float(form.get("rate") or 1), "latency_ms": float(form.get("latency_ms") or 0)}
    given |= {"policy": form.get("policy") or "burst", "effect": form.get("effect") or "before"}
    fault = msgspec.convert(given, Fault)
    fault.match = Match(form.get("method") or "*", form.get("path") or "*")
    return fault
