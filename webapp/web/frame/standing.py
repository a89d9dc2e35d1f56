"""Counts and warnings around every page: what waits, and what does not work.

It is read once, before a whole page is made; parts that htmx fetches do not need it.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from flask import Flask, g, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from webapp.domain.webhooks.silence import have_stopped
from webapp.store.connection import connections, troubles
from webapp.store.connection.connections import Connection
from webapp.store.home import standing
from webapp.store.home.standing import MOST_COUNTED, Standing
from webapp.text.connection.connection import STOPPED, TROUBLES, events_stopped, resumption
from webapp.text.refusals import stored_text
from webapp.text.runs.machinery import TROUBLES as MACHINERY
from webapp.web.frame.assets import KEPT
from webapp.web.frame.navigation import Badge, show_badges
from webapp.web.presentation import number
from webapp.web.services import page_session

_FRAMELESS = (
    *KEPT,
    "offline.show",
    "offline.worker",
    "health.healthz",
    "health.readyz",
    "metrics.show",
    "webhooks.hubspot",
)

_OF_CONNECTION = ("integrations.hubspot", "integrations.connect_token")
"""The page of the connection, which says itself what is wrong with it."""

_SURROUNDINGS = "surroundings.show"
"""Asks for what stands around a page that is open already."""


class Trouble(NamedTuple):
    """Something that does not work, for the banner.

    Attributes:
        kind: `bad` where something must be mended, `warn` where it may need to be.
        headline, text, remedy: the trouble, its cause, and what helps or happens next.
        since: when it began, where known.
        is_testable: whether a test of the connection may end it.
        address: the page that says more, where there is one.
    """

    kind: str
    headline: str
    text: str
    remedy: str
    since: datetime | None = None
    is_testable: bool = False
    address: str | None = None


def register(app: Flask) -> None:
    """Read the counts and warnings before a page is rendered; rendering asks the database nothing."""

    @app.before_request
    def read() -> None:
        if _is_whole_page() and current_user.is_authenticated:
            g.standing = _read()

    app.jinja_env.globals.update(page_troubles=page_troubles, account_badge=account_badge)
    show_badges("held", _of_needs)
    show_badges("duplicates", _of_duplicates)
    show_badges("integrations", _of_portal)


def _is_whole_page() -> bool:
    endpoint = request.endpoint or "static"
    if endpoint == _SURROUNDINGS:
        return True
    is_framed = endpoint not in _FRAMELESS and not endpoint.endswith(".stream")
    return is_framed and "HX-Request" not in request.headers


def current_standing() -> Standing:
    """The counts and warnings read for this page; empty if the database does not answer."""
    found: Standing = g.get("standing") or Standing(None)
    return found


def page_troubles() -> list[Trouble]:
    """The troubles, the worst first; on the page of the connection without those that it shows itself."""
    found = troubles_of(current_standing(), g.get("machinery_troubles", ()), datetime.now(UTC))
    shown_on = (
        (request.view_args or {}).get("page") if request.endpoint == _SURROUNDINGS else request.endpoint
    )
    is_on_page = shown_on in _OF_CONNECTION
    return [one for one in found if not (is_on_page and one.kind == "bad" and one.address)]


def troubles_of(now: Standing, machinery: list[str] | tuple[str, ...], at: datetime) -> list[Trouble]:
    """The troubles in order: the connection, then the machinery, then what is only slower."""
    found = _of_connection(now.connection)
    found += [Trouble("bad", MACHINERY[name].text, "", MACHINERY[name].remedy) for name in machinery]
    if have_stopped(now.latest_delivery, now.latest_missed, at):
        address = url_for("integrations.hubspot", _anchor="details")
        stopped = events_stopped()
        found.append(Trouble("warn", stopped.text, "", stopped.remedy, address=address))
    return sorted(found, key=lambda one: one.kind != "bad")


def account_badge(row: Connection | None) -> str | None:
    """An account's trouble in a few words; None while it has none."""
    trouble = troubles.lasting(row)
    return TROUBLES[trouble.code] if trouble is not None else None


def _of_connection(row: Connection | None) -> list[Trouble]:
    if row is None:
        return []
    address = url_for("integrations.hubspot")
    if row.state == connections.FAILING:
        stored, dead = row.error_text or row.error or "", STOPPED["dead"]
        text, remedy = stored_text(stored), resumption(stored)
        return [Trouble("bad", f"{dead.headline}.", text, remedy, address=address)]
    trouble = troubles.lasting(row)
    if trouble is None:
        return []
    stored, paused = row.trouble_text or "", STOPPED["paused"]
    text, remedy = stored_text(stored), resumption(stored)
    return [Trouble("warn", f"{paused.headline}.", text, remedy, trouble.since, True, address)]


def _of_needs() -> tuple[Badge, ...]:
    now = current_standing()
    held = min(now.held_objects + now.held_records, MOST_COUNTED)
    return (
        *_counted(held, "held", gettext("to decide")),
        *_counted(now.failing, "failing", gettext("failing")),
    )


def _of_duplicates() -> tuple[Badge, ...]:
    return _counted(current_standing().duplicates, "held", gettext("open"))


def _of_portal() -> tuple[Badge, ...]:
    """The trouble of the connection, in a word or two."""
    row = current_standing().connection
    if row is not None and row.state == connections.FAILING:
        return (Badge(STOPPED["dead"].badge, "bad"),)
    return (Badge(STOPPED["paused"].badge, "warn"),) if troubles.lasting(row) is not None else ()


def _counted(count: int, kind: str, about: str) -> tuple[Badge, ...]:
    """A count as the text of a badge; with a plus where counting stopped at a limit."""
    text = number(count) + ("+" if count >= MOST_COUNTED else "")
    return (Badge(text, kind, about),) if count else ()


def _read() -> Standing | None:
    try:
        return standing.read(page_session())
    except SQLAlchemyError:
        return None
