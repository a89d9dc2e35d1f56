"""The page of the connection to HubSpot: what it shows."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import render_template, url_for

from webapp.domain.connection.automatic import SWITCHES, is_on
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.webhooks.subscriptions import subscriptions
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.mapping import mappings
from webapp.store.people import users
from webapp.store.privacy import deletions as privacy_deletions
from webapp.store.push import outbox
from webapp.store.runs import queries
from webapp.store.webhooks import inbox
from webapp.text.connection.connection import SWITCHES as SWITCH_TEXTS
from webapp.text.runs.runs import WAIT_REASONS
from webapp.usecases.connection import budget, portal
from webapp.usecases.runs import resume_by_person
from webapp.web.connection import bulk
from webapp.web.connection import labels as connection_labels
from webapp.web.connection.labels import ScopeRow
from webapp.web.connection.setup import setup_bar
from webapp.web.live.parts import Parts
from webapp.web.mapping import standing as mapping_standing
from webapp.web.prefix import public_address
from webapp.web.reconcile import view as reconcile_view
from webapp.web.reconcile.view import Reconcile
from webapp.web.services import ask, page_session, services


def connection_page(*, token_error: str = "", oauth_error: str = "") -> str:
    """The page as a whole; with the error of a form that was sent."""
    row = connections.latest(page_session())
    settings = services().settings
    return render_template(
        "connection/hubspot.html",
        row=row,
        token_error=token_error,
        oauth_error=oauth_error,
        has_oauth_app=settings.has_oauth_app,
        bar=setup_bar(),
        callback_url=portal.oauth_app(services().settings).redirect_uri,
        parts=bulk_parts(row),
        **(_details(row) if row else {}),
    )


def bulk_parts(row: Connection | None) -> Parts:
    """The latest Pull and Push of a connection."""
    return bulk.parts(bulk.latest(page_session(), row.id if row else None))


def _details(row: Connection) -> dict[str, Any]:
    reconcile = reconcile_view.gather(page_session(), row)
    scopes = connection_labels.scope_rows(row)
    by = users.by_id(page_session(), row.connected_by_id) if row.connected_by_id else None
    return {
        "connected_by": by.name if by else None,
        "portal_url": portal.portal_url(services().settings, row),
        "scopes": scopes,
        "trouble": connection_labels.trouble(row),
        "budget": ask(budget.budget, row),
        "shown_days": budget.SHOWN_DAYS,
        "wait_reasons": WAIT_REASONS,
        "continuable": resume_by_person.continuable(page_session(), row),
        "events": inbox.summary(page_session(), row.id, datetime.now(UTC)),
        "subscriptions": _subscriptions(row),
        "switches": [(name, is_on(row.automatic, name), SWITCH_TEXTS[name]) for name in SWITCHES],
        "unsent": outbox.count(page_session(), row.id),
        "reconcile": reconcile,
        "needs_details": _needs_details(row, reconcile, scopes),
        "privacy_deletions": privacy_deletions.undecided(page_session(), row.id),
        "asking": queries.asking(page_session(), row.id),
        "standing": mapping_standing.of_connection(row.id),
    }


def _needs_details(row: Connection, reconcile: Reconcile, scopes: Sequence[ScopeRow]) -> bool:
    """Whether something among the folded details asks to be looked at."""
    has_bad_key = any(
        state in ("deleted", "not_unique", "unfit", "slots_full") for state in row.key_properties.values()
    )
    lacks_scope = any(one.is_needed and one.state == "missing" for one in scopes)
    return has_bad_key or lacks_scope or reconcile.missed > 0


def _subscriptions(row: Connection) -> str:
    """The subscriptions that the app needs, as text to copy."""
    address = public_address(url_for("webhooks.hubspot"))
    needed = subscriptions(address, [mappings.load(page_session(), row.id, kind) for kind in OBJECT_TYPES])
    return json.dumps(needed, indent=2)
