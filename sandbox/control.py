"""The control API: how tests and the demo steer the portal. Unauthenticated, JSON, for loopback only."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from sandbox.calls.answers import encode
from sandbox.calls.auth import Access
from sandbox.calls.errors import ApiError, not_found
from sandbox.calls.faults import Fault, Queued
from sandbox.desk import (
    archive_as_person,
    counts,
    create_as_person,
    delete_property_as_person,
    erase_as_person,
    merge_as_person,
    restore_as_person,
    update_as_person,
)
from sandbox.kinds import CONTACTS
from sandbox.sample import fill
from sandbox.settings import Settings, changed
from sandbox.store import savepoint
from sandbox.store.linking import kind_of
from sandbox.store.portal import Portal
from sandbox.store.table import Record, Table, as_number
from sandbox.webhooks.deliveries import Deliveries

Json = dict[str, Any]


def control_blueprint(portal: Portal, access: Access, deliveries: Deliveries) -> Blueprint:
    """All addresses under `/sandbox`."""
    blueprint = Blueprint("control", __name__, url_prefix="/sandbox")
    blueprint.before_request(refuse_other_sites)
    _add_portal_addresses(blueprint, portal, access)
    _add_savepoint_addresses(blueprint, portal)
    _add_token_addresses(blueprint, portal, access)
    _add_fault_addresses(blueprint, portal)
    _add_object_addresses(blueprint, portal)
    _add_archiving_addresses(blueprint, portal)
    _add_property_addresses(blueprint, portal)
    _add_webhook_addresses(blueprint, portal, deliveries)
    return blueprint


def refuse_other_sites() -> Response | None:
    """A page of another site may not steer the portal through somebody's browser."""
    if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "none") not in (
        "none",
        "same-origin",
    ):
        return _answer({"message": "refused: the request comes from another site"}, 403)
    return None


def _add_portal_addresses(blueprint: Blueprint, portal: Portal, access: Access) -> None:
    def put_settings() -> Json:
        portal.settings = changed(portal.settings, _body())
        return msgspec.structs.asdict(portal.settings)

    def reset_settings() -> Json:
        portal.settings = changed(Settings(), _body())
        return msgspec.structs.asdict(portal.settings)

    def reset() -> Json:
        return _started_over(portal, _body())

    def renew() -> Json:
        body = _body()
        portal.settings = changed(Settings(), body.get("settings", {}))
        _forget_faults(portal)
        access.restore_static()
        return _started_over(portal, body)

    add = _adder(blueprint, portal)
    add("GET", "/settings", lambda: msgspec.structs.asdict(portal.settings))
    add("PUT", "/settings", put_settings)
    add("POST", "/settings/reset", reset_settings)
    add("GET", "/counts", lambda: counts(portal))
    add("GET", "/log", lambda: {"results": [entry._asdict() for entry in portal.log]})
    add("POST", "/reset", reset)
    add("POST", "/renew", renew)


def _add_savepoint_addresses(blueprint: Blueprint, portal: Portal) -> None:
    kept: list[savepoint.Savepoint] = []

    def keep() -> Json:
        kept[:] = [savepoint.take(portal)]
        return counts(portal)

    def roll_back() -> Json:
        if not kept:
            raise ValueError("there is no savepoint")
        savepoint.put_back(portal, kept[0])
        return counts(portal)

    add = _adder(blueprint, portal)
    add("POST", "/savepoint", keep)
    add("POST", "/rollback", roll_back)


def _add_token_addresses(blueprint: Blueprint, portal: Portal, access: Access) -> None:
    def tokens() -> Json:
        return {"tokens": len(access.tokens), "refresh_tokens": len(access.grants)}

    def revoke() -> Json:
        body = {"static": True, "oauth": True, **_body()}
        access.revoke_everything(static=bool(body["static"]), oauth=bool(body["oauth"]))
        return tokens()

    def restore() -> Json:
        access.restore_static()
        return tokens()

    add = _adder(blueprint, portal)
    add("POST", "/tokens/revoke", revoke)
    add("POST", "/tokens/restore", restore)


def _add_fault_addresses(blueprint: Blueprint, portal: Portal) -> None:
    def faults() -> Json:
        queued = portal.faults.queued
        return {
            "held": portal.faults.held,
            "under_way": portal.faults.under_way,
            "results": [{**msgspec.to_builtins(q.fault), "seen": q.seen, "hits": q.struck} for q in queued],
        }

    def add_fault() -> Json:
        portal.faults.queued.append(Queued(msgspec.convert(_body(), Fault)))
        return {"queued": len(portal.faults.queued)}

    def clear_faults() -> Json:
        _forget_faults(portal)
        return {"queued": 0}

    def release() -> Json:
        return {"released": portal.faults.release()}

    add = _adder(blueprint, portal)
    add("GET", "/faults", faults)
    add("POST", "/faults", add_fault)
    add("DELETE", "/faults", clear_faults)
    add("POST", "/faults/release", release)


def _forget_faults(portal: Portal) -> None:
    portal.faults.queued.clear()
    portal.faults.release()


def _started_over(portal: Portal, body: Json) -> Json:
    portal.clear(int(body.get("seed", portal.seed)))
    fill(portal, companies=int(body.get("companies", 400)), contacts=int(body.get("contacts", 2000)))
    return counts(portal)


def _add_webhook_addresses(blueprint: Blueprint, portal: Portal, deliveries: Deliveries) -> None:
    def test() -> Json:
        portal.events.test(CONTACTS)
        return deliveries.state()

    def forget() -> Json:
        deliveries.forget()
        return deliveries.state()

    add = _adder(blueprint, portal)
    add("GET", "/webhooks", deliveries.state)
    add("DELETE", "/webhooks", forget)
    add("POST", "/webhooks/test", test)


def _add_object_addresses(blueprint: Blueprint, portal: Portal) -> None:
    def create(kind: str) -> Json:
        body, of = _body(), kind_of(kind)
        made = create_as_person(portal, of, body.get("properties") or {}, body.get("companies") or [])
        return _shape(portal, portal.table(of), made)

    def read(kind: str, number: str) -> Json:
        table = portal.table(kind_of(kind))
        record = table.records.get(as_number(number)) or table.follow(number)
        return _shape(portal, table, _known(record, number))

    def update(kind: str, number: str) -> Json:
        body, table = _body(), portal.table(kind_of(kind))
        record = _known(table.find(number), number)
        update_as_person(portal, table.kind, record, body.get("properties") or {}, body.get("companies"))
        return _shape(portal, table, record)

    def merge(kind: str) -> Json:
        body, table = _body(), portal.table(kind_of(kind))
        primary, other = (
            _known(table.find(body.get(key)), str(body.get(key))) for key in ("primary", "other")
        )
        kept = merge_as_person(portal, table.kind, primary, other, new_id=bool(body.get("new_id", True)))
        return _shape(portal, table, kept)

    def skip_ids(kind: str) -> Json:
        table = portal.table(kind_of(kind))
        table.skip_ids(int(_body()["next"]))
        return {"next": table.next_id}

    add = _adder(blueprint, portal)
    add("POST", "/objects/<kind>", create)
    add("PUT", "/objects/<kind>/ids", skip_ids)
    add("POST", "/objects/<kind>/merge", merge)
    add("GET", "/objects/<kind>/<number>", read)
    add("PATCH", "/objects/<kind>/<number>", update)


def _add_archiving_addresses(blueprint: Blueprint, portal: Portal) -> None:
    def delete(kind: str, number: str) -> Json:
        table = portal.table(kind_of(kind))
        record = _known(table.find(number), number)
        archive_as_person(portal, table.kind, record)
        return _shape(portal, table, record)

    def restore(kind: str, number: str) -> Json:
        table = portal.table(kind_of(kind))
        record = _known(table.records.get(as_number(number)), number)
        if record.archived_at is not None:
            restore_as_person(portal, table.kind, record)
        return _shape(portal, table, record)

    def erase(kind: str, number: str) -> Json:
        table = portal.table(kind_of(kind))
        record = _known(table.records.get(as_number(number)), number)
        erase_as_person(portal, table.kind, record)
        return {"id": record.id}

    add = _adder(blueprint, portal)
    add("DELETE", "/objects/<kind>/<number>", delete)
    add("POST", "/objects/<kind>/<number>/restoring", restore)
    add("POST", "/objects/<kind>/<number>/erasing", erase)


def _add_property_addresses(blueprint: Blueprint, portal: Portal) -> None:
    def redefine(kind: str, name: str) -> Json:
        definitions = portal.table(kind_of(kind)).definitions
        found: Json = msgspec.to_builtins(definitions.redefine(name, _body()))
        return found

    def delete(kind: str, name: str) -> Json:
        delete_property_as_person(portal, kind_of(kind), name)
        return {"name": name}

    add = _adder(blueprint, portal)
    add("PATCH", "/properties/<kind>/<name>", redefine)
    add("DELETE", "/properties/<kind>/<name>", delete)


def _adder(blueprint: Blueprint, portal: Portal) -> Callable[[str, str, Callable[..., Json]], None]:
    def add(method: str, rule: str, handler: Callable[..., Json]) -> None:
        def view(**params: str) -> Response:
            try:
                with portal.lock:
                    return _answer(handler(**params))
            except ApiError as refusal:
                return _answer(refusal.body, refusal.status)
            except (ValueError, TypeError, msgspec.ValidationError) as error:
                return _answer({"message": str(error)}, 400)

        blueprint.add_url_rule(rule, f"{method} {rule}", view, methods=[method])

    return add


def _body() -> Json:
    raw = request.get_data()
    found = request.get_json(force=True) if raw else {}
    if not isinstance(found, dict):
        raise TypeError("the body must be a JSON object")
    return found


def _answer(body: Json, status: int = 200) -> Response:
    return Response(encode(body), status, content_type="application/json")


def _known(record: Record | None, number: str) -> Record:
    if record is None:
        raise not_found(number)
    return record


def _shape(portal: Portal, table: Table, record: Record) -> Json:
    other = "companies" if table.kind.name == "contacts" else "contacts"
    pairs = portal.associations.of(table.kind.name, record.number, other)
    return {
        "id": record.id,
        "properties": record.properties,
        "archived": record.archived_at is not None,
        "associations": {
            other: [{"id": str(number), "types": list(types)} for number, types in pairs.items()]
        },
    }
