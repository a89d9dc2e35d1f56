"""Browsing and editing records as a HubSpot user would."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.calls.errors import ApiError
from sandbox.control import refuse_other_sites
from sandbox.desk import (
    archive_as_person,
    create_as_person,
    erase_as_person,
    merge_as_person,
    restore_as_person,
    update_as_person,
)
from sandbox.kinds import Kind
from sandbox.store.associations import PRIMARY
from sandbox.store.linking import kind_of
from sandbox.store.portal import Portal
from sandbox.store.table import Record, Table, as_number

PAGE = 50
Page = str | Response | tuple[str, int]
# What a form offers; a record page shows every other property below it.
FORM = {
    "contacts": (
        ["firstname", "lastname", "email", "hs_additional_emails", "phone", "mobilephone", "jobtitle"],
        [
            "address",
            "city",
            "state",
            "zip",
            "country",
            "lifecyclestage",
            "hs_lead_status",
            "hubspot_owner_id",
        ],
    ),
    "companies": (
        ["name", "domain", "website", "phone", "industry", "numberofemployees", "description"],
        [
            "address",
            "city",
            "state",
            "zip",
            "country",
            "lifecyclestage",
            "hs_lead_status",
            "hubspot_owner_id",
        ],
    ),
}
LIST_COLUMNS = {
    "contacts": ("email", "phone", "jobtitle", "city", "lifecyclestage"),
    "companies": ("domain", "phone", "industry", "city", "lifecyclestage"),
}


def records_blueprint(portal: Portal) -> Blueprint:
    """List, record page, new record; addresses as HubSpot's own."""
    blueprint = Blueprint("records", __name__, url_prefix="/contacts/<int:account>")
    blueprint.before_request(refuse_other_sites)
    blueprint.add_app_template_filter(shown)
    blueprint.add_app_template_global(display_name)

    def add(rule: str, name: str, page: Callable[..., Page], method: str = "GET") -> None:
        def view(account: int, **params: str) -> Page:
            if account != portal.settings.portal_id:
                return render_template("missing.html", portal=portal), 404
            try:
                with portal.lock:
                    return page(portal, **params)
            except LookupError:
                return render_template("missing.html", portal=portal), 404

        blueprint.add_url_rule(rule, name, view, methods=[method])

    add("/objects/<kind>", "list_records", _list)
    add("/objects/<kind>/new", "new_record", _new)
    add("/objects/<kind>", "create_record", _create, "POST")
    add("/record/<kind>/<number>", "show_record", _show)
    add("/record/<kind>/<number>", "save_record", _save, "POST")
    add("/record/<kind>/<number>/archiving", "archive_record", _archive, "POST")
    add("/record/<kind>/<number>/restoring", "restore_record", _restore, "POST")
    add("/record/<kind>/<number>/erasing", "erase_record", _erase, "POST")
    add("/record/<kind>/<number>/merging", "merge_record", _merge, "POST")
    return blueprint


def shown(value: str | None) -> str:
    """A value as a page can show it: control characters made visible."""
    return (value or "").replace("\x00", "␀").encode("utf-8", "replace").decode()


def display_name(kind: Kind, record: Record) -> str:
    """What a person would call the record."""
    get = record.properties.get
    if kind.name == "companies":
        return shown(get("name") or get("domain")) or f"Company {record.id}"
    name = " ".join(part for part in (get("firstname"), get("lastname")) if part and part.strip())
    return shown(name or get("email")) or f"Contact {record.id}"


def _list(portal: Portal, kind: str) -> Page:
    table = _table(portal, kind)
    terms = request.args.get("q", "").lower().split()
    is_archived = request.args.get("archived") == "1"
    start = as_number(request.args.get("after", "0"))
    found, following = _page(table, terms, start, is_archived=is_archived)
    return render_template(
        "records.html",
        portal=portal,
        kind=table.kind,
        records=found,
        following=following,
        columns=LIST_COLUMNS[table.kind.name],
        total=len(table.archived if is_archived else table.live),
        query=request.args.get("q", ""),
        is_archived=is_archived,
    )


def _page(
    table: Table, terms: list[str], start: int, *, is_archived: bool
) -> tuple[list[Record], int | None]:
    if not terms:
        return table.page(start, PAGE, archived=is_archived)
    found: list[Record] = []
    for number in table.archived if is_archived else table.live:
        record = table.records[number]
        text = " ".join(record.properties.get(name, "") for name in table.kind.search_looks_at).lower()
        if number >= start and all(word in text for word in terms):
            if len(found) == PAGE:
                return found, number
            found.append(record)
    return found, None


def _new(portal: Portal, kind: str) -> Page:
    return _form_page(portal, _table(portal, kind), None)


def _create(portal: Portal, kind: str) -> Page:
    table = _table(portal, kind)
    try:
        record = create_as_person(portal, table.kind, _changes(table, None), _companies() or [])
    except ApiError as refusal:
        return _form_page(portal, table, None, refusal.body["message"]), 400
    return redirect(_address(portal, table, record), 303)


def _show(portal: Portal, kind: str, number: str) -> Page:
    table = _table(portal, kind)
    record = table.records.get(as_number(number)) or table.follow(number)
    if record is None:
        raise LookupError(number)
    if record.id != number:
        return redirect(_address(portal, table, record), 302)
    return _form_page(portal, table, record)


def _save(portal: Portal, kind: str, number: str) -> Page:
    table = _table(portal, kind)
    record = table.find(number)
    if record is None:
        raise LookupError(number)
    try:
        companies = _changed_companies(portal, table, record)
        update_as_person(portal, table.kind, record, _changes(table, record), companies)
    except ApiError as refusal:
        return _form_page(portal, table, record, refusal.body["message"]), 400
    return redirect(f"{_address(portal, table, record)}?saved=1", 303)


def _archive(portal: Portal, kind: str, number: str) -> Page:
    table = _table(portal, kind)
    record = table.find(number)
    if record is not None:
        archive_as_person(portal, table.kind, record)
    return _to_list(portal, table)


def _restore(portal: Portal, kind: str, number: str) -> Page:
    table = _table(portal, kind)
    record = table.records.get(as_number(number))
    if record is None:
        raise LookupError(number)
    try:
        if record.archived_at is not None:
            restore_as_person(portal, table.kind, record)
    except ApiError as refusal:
        return _form_page(portal, table, record, refusal.body["message"]), 400
    return redirect(_address(portal, table, record), 303)


def _erase(portal: Portal, kind: str, number: str) -> Page:
    table = _table(portal, kind)
    record = table.records.get(as_number(number))
    if record is not None and table.kind.name == "contacts":
        erase_as_person(portal, table.kind, record)
    return _to_list(portal, table)


def _merge(portal: Portal, kind: str, number: str) -> Page:
    table = _table(portal, kind)
    record, other = table.find(number), table.find(request.form.get("other", "").strip())
    if record is None:
        raise LookupError(number)
    if other is None or other is record:
        problem = f"Give the id of another {table.kind.singular} to merge into this one."
        return _form_page(portal, table, record, problem), 400
    survivor = merge_as_person(portal, table.kind, record, other, new_id="new_id" in request.form)
    return redirect(_address(portal, table, survivor), 303)


def _to_list(portal: Portal, table: Table) -> Response:
    return redirect(f"/contacts/{portal.settings.portal_id}/objects/{table.kind.type_id}", 303)


def _form_page(portal: Portal, table: Table, record: Record | None, problem: str | None = None) -> str:
    other = portal.companies if table.kind.name == "contacts" else portal.contacts
    links = _links(portal, table, record) if record else []
    on_form = {name for column in FORM[table.kind.name] for name in column}
    rest = {} if record is None else {k: v for k, v in sorted(record.properties.items()) if k not in on_form}
    return render_template(
        "record.html",
        portal=portal,
        kind=table.kind,
        record=record,
        columns=[[table.definitions.properties[name] for name in column] for column in FORM[table.kind.name]],
        values=record.properties if record else {},
        rest=rest,
        other=other.kind,
        links=links[:PAGE],
        link_count=len(links),
        labels=portal.associations.names,
        owners=portal.owners,
        problem=problem,
    )


def _changes(table: Table, record: Record | None) -> dict[str, Any]:
    names = [name for column in FORM[table.kind.name] for name in column if name in request.form]
    before = record.properties if record else {}
    # Only what the person touched is written: a page shows some characters otherwise than they are.
    return {n: request.form[n] for n in names if _plain(request.form[n]) != _plain(shown(before.get(n)))}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _changed_companies(portal: Portal, table: Table, record: Record) -> list[str] | None:
    # An untouched list must not make the first of several companies the primary one.
    shown_now = (
        [other.id for other, _ in _links(portal, table, record)] if table.kind.name == "contacts" else None
    )
    chosen = _companies()
    return None if chosen == shown_now else chosen


def _links(portal: Portal, table: Table, record: Record) -> list[tuple[Record, tuple[int, ...]]]:
    other = portal.companies if table.kind.name == "contacts" else portal.contacts
    pairs = portal.associations.of(table.kind.name, record.number, other.kind.name)
    primary_first = sorted(pairs.items(), key=lambda pair: pair[1][0] not in PRIMARY.values())
    return [(other.records[number], types) for number, types in primary_first]


def _companies() -> list[str] | None:
    text = request.form.get("companies")
    return None if text is None else text.replace(",", " ").split()


def _table(portal: Portal, kind: str) -> Table:
    try:
        return portal.table(kind_of(kind))
    except ApiError as error:
        raise LookupError(kind) from error


def _address(portal: Portal, table: Table, record: Record) -> str:
    return f"/contacts/{portal.settings.portal_id}/record/{table.kind.type_id}/{record.id}"
