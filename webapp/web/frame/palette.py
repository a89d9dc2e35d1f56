"""The palette: pages, actions and records by a few letters. `Ctrl K` opens it; without script it is a page.

An action is the page on which it is done: a key pressed too soon then starts nothing.
"""

from typing import Any, NamedTuple

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_login import current_user

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.store.records.listing import lists
from webapp.store.records.listing.lists import Question
from webapp.store.records.records import Record
from webapp.web.fragments import wants_fragment
from webapp.web.frame.navigation import navigation
from webapp.web.presentation import name_of
from webapp.web.services import page_session

blueprint = Blueprint("palette", __name__)

MOST_RECORDS = 5
_LONGEST_SEARCH = 300


class Entry(NamedTuple):
    """One line of the palette.

    Attributes:
        symbol: its icon.
        about: what distinguishes it from others of the same name.
    """

    label: str
    address: str
    symbol: str
    about: str = ""


class _Further(NamedTuple):
    """A page or an action that no menu has."""

    label: LazyString
    endpoint: str
    values: dict[str, Any]
    symbol: str
    is_for_administrators: bool = True


_SHORTCUTS = (
    _Further(
        lazy_gettext("New company"),
        "records.new",
        {"object_type": "companies"},
        "plus",
        is_for_administrators=False,
    ),
    _Further(
        lazy_gettext("New contact"),
        "records.new",
        {"object_type": "contacts"},
        "plus",
        is_for_administrators=False,
    ),
    _Further(
        lazy_gettext("Import companies"), "imports.begin_import", {"object_type": "companies"}, "upload"
    ),
    _Further(lazy_gettext("Import contacts"), "imports.begin_import", {"object_type": "contacts"}, "upload"),
    _Further(lazy_gettext("Pull from HubSpot…"), "integrations.hubspot", {}, "download"),
    _Further(lazy_gettext("Push to HubSpot…"), "integrations.hubspot", {}, "upload"),
)
_PAGES = (
    _Further(lazy_gettext("Help"), "help.index", {}, "circle-question-mark", is_for_administrators=False),
    _Further(lazy_gettext("Field mapping"), "mapping.fields", {}, "columns-3"),
    _Further(lazy_gettext("Status mapping"), "status_mapping.show", {}, "columns-3"),
    _Further(lazy_gettext("Sync rules"), "rules.index", {}, "funnel"),
    _Further(lazy_gettext("Set-up"), "setup.index", {}, "plug"),
    _Further(lazy_gettext("Custom fields"), "custom_fields.index", {}, "columns-3"),
    _Further(lazy_gettext("People"), "people.index", {}, "users"),
    _Further(lazy_gettext("Audit log"), "audit.index", {}, "eye"),
    _Further(lazy_gettext("Personal data"), "persons.index", {}, "user"),
    _Further(lazy_gettext("Settings"), "settings.index", {}, "settings"),
    _Further(lazy_gettext("Your profile"), "profile.show", {}, "user", is_for_administrators=False),
    _Further(lazy_gettext("Notifications"), "notifications.show", {}, "bell", is_for_administrators=False),
    _Further(
        lazy_gettext("All reasons explained"),
        "sync_log.reasons",
        {},
        "circle-question-mark",
        is_for_administrators=False,
    ),
)
_SYMBOLS = {
    "home": "house",
    "companies": "building-2",
    "contacts": "users",
    "integrations": "plug",
    "sync_log": "history",
    "held": "inbox",
    "duplicates": "copy",
}


@blueprint.get("/palette")
def show() -> ResponseReturnValue:
    """The results for the letters typed; for htmx without the page around them."""
    search = request.args.get("q", "")[:_LONGEST_SEARCH].strip()
    context = {
        "search": search,
        "groups": [
            ("records", _records(search)),
            ("pages", _fitting(_pages(), search)),
            ("actions", _fitting(_further(_SHORTCUTS), search)),
        ],
    }
    template = "palette/_results.html" if wants_fragment() else "palette/show.html"
    return render_template(template, **context)


def _pages() -> list[Entry]:
    places = [Entry(one.label, one.address, _SYMBOLS[one.name]) for one in navigation()]
    return places + _further(_PAGES)


def _address(further: _Further) -> str:
    given: dict[str, Any] = dict(further.values)
    return url_for(further.endpoint, **given)


def _further(entries: tuple[_Further, ...]) -> list[Entry]:
    return [
        Entry(str(one.label), _address(one), one.symbol)
        for one in entries
        if current_user.is_administrator or not one.is_for_administrators
    ]


def _fitting(entries: list[Entry], search: str) -> list[Entry]:
    """Those whose label has every word of the search in it."""
    parts = search.casefold().split()
    return [one for one in entries if all(part in one.label.casefold() for part in parts)]


def _records(search: str) -> list[Entry]:
    if not search:
        return []
    return [_entry(kind, record) for kind in OBJECT_TYPES for record in _found(kind, search)]


def _found(kind: ObjectType, search: str) -> list[Record]:
    return lists.page(page_session(), kind, Question(search=search, state="any")).rows[:MOST_RECORDS]


def _entry(kind: ObjectType, record: Record) -> Entry:
    address = url_for("records.show", object_type=kind, record_id=record.id)
    about = getattr(record, "email" if kind == "contacts" else "domain") or ""
    return Entry(name_of(kind, record), address, "user" if kind == "contacts" else "building-2", about)
