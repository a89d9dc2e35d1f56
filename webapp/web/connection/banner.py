"""What every page says while the connection, or its account, keeps everything from being synced."""

from datetime import datetime
from typing import NamedTuple

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from webapp.store.connection import connections, troubles
from webapp.store.connection.connections import Connection
from webapp.text.connection import STOPPED, TROUBLES, resumption
from webapp.text.refusals import stored_text
from webapp.web.frame.assets import KEPT
from webapp.web.frame.navigation import Badge, show_badge
from webapp.web.services import page_session

_WITHOUT_BANNER = (*KEPT, "health.healthz", "health.readyz", "health.metrics", "webhooks.hubspot")


class Banner(NamedTuple):
    """Why nothing is synced automatically.

    Attributes:
        badge: the same in a word or two.
        headline, text, resumes: what is so, why with the remedy, and how it goes on.
        since: when it began, where known.
        is_dead: whether only connecting again helps.
    """

    badge: str
    headline: str
    text: str
    resumes: str
    since: datetime | None
    is_dead: bool


def register(app: Flask) -> None:
    """Give every whole page the banner, read before the page is made: rendering asks the database nothing."""

    @app.before_request
    def read() -> None:
        if request.endpoint not in _WITHOUT_BANNER and "HX-Request" not in request.headers:
            g.account_banner = account_banner()

    app.jinja_env.globals.update(account_banner=lambda: g.get("account_banner"), account_badge=account_badge)
    show_badge("integrations", _in_the_menu)


def account_banner() -> Banner | None:
    """The banner of a page; None while everything works, and where the database does not say."""
    try:
        row = connections.current(page_session())
    except SQLAlchemyError:
        return None
    return _of(row) if row is not None else None


def account_badge(row: Connection | None) -> str | None:
    """An account's trouble in a few words; None while it has none."""
    trouble = troubles.lasting(row)
    return TROUBLES[trouble.code] if trouble is not None else None


def _in_the_menu() -> Badge | None:
    banner: Banner | None = g.get("account_banner")
    return Badge(banner.badge, "bad" if banner.is_dead else "warn") if banner else None


def _of(row: Connection) -> Banner | None:
    if row.state == connections.FAILING:
        stored = row.error_text or row.error or ""
        dead = STOPPED["dead"]
        return Banner(dead.badge, dead.headline, stored_text(stored), resumption(stored), None, is_dead=True)
    trouble = troubles.lasting(row)
    if trouble is None:
        return None
    stored, paused = row.trouble_text or "", STOPPED["paused"]
    return Banner(
        paused.badge, paused.headline, stored_text(stored), resumption(stored), trouble.since, is_dead=False
    )
