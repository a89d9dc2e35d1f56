"""The Integrations pages: connecting a portal, how the connection does, testing it and ending it."""

import hmac
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.connection.automatic import SWITCHES, is_on
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.webhooks.subscriptions import subscriptions
from webapp.errors import RefusedError
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.mapping import mappings
from webapp.store.people import users
from webapp.store.privacy import deletions as privacy_deletions
from webapp.store.push import outbox
from webapp.store.runs import log, runs
from webapp.store.webhooks import inbox
from webapp.text.connection import ENDINGS
from webapp.text.connection import SWITCHES as SWITCH_TEXTS
from webapp.text.refusals import refused, refused_connection
from webapp.usecases.connection import budget, connect, portal, switches
from webapp.usecases.push.own_key import key_property
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import continuing
from webapp.web.access import administrators_only, open_to_all
from webapp.web.connection import labels as connection_labels
from webapp.web.connection.required import require_connection
from webapp.web.connection.setup import setup_bar
from webapp.web.mapping import standing as mapping_standing
from webapp.web.reconcile import view as reconcile_view
from webapp.web.services import ask, page_session, services

blueprint = Blueprint("integrations", __name__, url_prefix="/integrations")

_STATE_LIFE_S = 600
"""How long a person may take on HubSpot's page."""
_SHOWN_OF_ERROR = 60


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What can be connected, and how it stands."""
    return render_template("connection/index.html", row=connections.latest(page_session()))


@blueprint.get("/hubspot")
def hubspot() -> ResponseReturnValue:
    """The connection to HubSpot in whole."""
    return _page()


@blueprint.post("/hubspot/authorization")
@administrators_only
def authorize() -> ResponseReturnValue:
    """Send the person to HubSpot's page, with a state that is stored in this session alone."""
    state = secrets.token_urlsafe(32)
    try:
        address = ask(connect.begin_oauth, state)
    except RefusedError as refusal:
        return _page(oauth_error=refused(refusal)), 422
    wants_key = "create_key" in request.form
    session["oauth_state"] = {"state": state, "at": int(time.time()), "wants_key": wants_key}
    return redirect(address, 303)


@blueprint.get("/hubspot/callback")
@open_to_all
def callback() -> ResponseReturnValue:
    """Where HubSpot sends the person back: with a code, or with the error that access was refused.

    Open, so that the page can report an ended session; only the session that began can go on.
    """
    wants_key = bool((session.get("oauth_state") or {}).get("wants_key"))
    try:
        code = _answered_code()
        row = ask(connect.finish_oauth, code, user_id=current_user.id)
    except RefusedError as refusal:
        if not current_user.is_authenticated:
            abort(403, refused_connection(refusal))
        flash(f"HubSpot was not connected. {refused_connection(refusal)}", "bad")
    else:
        ask(key_property.configure, row.id, may_create=wants_key)
        flash(f"Portal {row.portal_id} is connected.", "good")
        return redirect(_after_connecting(row.id), 303)
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/connection")
@administrators_only
def connect_token() -> ResponseReturnValue:
    """Connect with a pasted access token."""
    try:
        row = ask(connect.connect_with_token, request.form.get("token", ""), user_id=current_user.id)
    except RefusedError as refusal:
        return _page(token_error=f"{refused_connection(refusal)} Nothing was stored."), 422
    ask(key_property.configure, row.id, may_create="create_key" in request.form)
    flash(f"Portal {row.portal_id} is connected.", "good")
    return redirect(_after_connecting(row.id), 303)


def _after_connecting(connection_id: int) -> str:
    """Where it goes on: with the set-up, unless the portal was in use before."""
    row = connections.get(page_session(), connection_id)
    is_new = row is not None and row.first_pull_finished_at is None
    return url_for("setup.index" if is_new else "integrations.hubspot")


@blueprint.post("/hubspot/test")
@administrators_only
def test() -> ResponseReturnValue:
    """Try the connection now."""
    row = require_connection()
    try:
        ask(connect.test, row.id)
    except RefusedError as refusal:
        flash(refused(refusal), "bad")
    else:
        flash("The connection works.", "good")
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/key")
@administrators_only
def configure_key() -> ResponseReturnValue:
    """Check our unique property again, and create it where the form allows."""
    row = require_connection()
    states = ask(key_property.configure, row.id, may_create="create" in request.form)
    is_ready = bool(states) and set(states.values()) == {"ready"}
    flash(*(("The unique key is ready.", "good") if is_ready else ("See below how the key stands.", "info")))
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/automatic")
@administrators_only
def set_automatic() -> ResponseReturnValue:
    """Keep the switches of automatic sync."""
    row = require_connection()
    ask(switches.save, row.id, {name: name in request.form for name in SWITCHES})
    flash("The switches were saved.", "good")
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/reconciliation")
@administrators_only
def reconcile_now() -> ResponseReturnValue:
    """Look for missed changes now, or compare everything; leads to the run."""
    is_full = "everything" in request.form
    started = ask(begin_reconcile.start, trigger="button", user_id=current_user.id, is_full=is_full)
    if not started.is_new:
        flash("A look for missed changes was under way already: this is it.", "info")
    return redirect(url_for("sync_log.show", run_id=started.run_id), 303)


@blueprint.get("/hubspot/disconnection")
@administrators_only
def confirm_disconnect() -> ResponseReturnValue:
    """Show what disconnecting will do, with its button."""
    row = connections.current(page_session())
    if row is None:
        return redirect(url_for("integrations.hubspot"), 303)
    return render_template("connection/disconnect.html", row=row)


@blueprint.post("/hubspot/disconnection")
@administrators_only
def disconnect() -> ResponseReturnValue:
    """Disconnect, and show what remains to be done at HubSpot."""
    row = connections.current(page_session())
    if row is not None:
        done = ask(connect.disconnect, row.id)
        flash("HubSpot is disconnected. Records and links are kept.", "good")
        if done.remains:
            flash(ENDINGS[done.remains], "warn")
    return redirect(url_for("integrations.hubspot"), 303)


def _answered_code() -> str:
    """The code of HubSpot's answer, if it belongs to this session's request of a short while ago.

    Raises:
        RefusedError: it does not, or the person refused.
    """
    stored = session.pop("oauth_state", None) or {"state": "", "at": 0}
    given = request.args.get("state", "")
    if not stored["state"] or not hmac.compare_digest(str(stored["state"]).encode(), given.encode()):
        raise RefusedError("wrong_state", public_url=services().settings.public_url)
    if time.time() - stored["at"] > _STATE_LIFE_S:
        raise RefusedError("state_too_old")
    if not current_user.is_authenticated or not current_user.is_administrator:
        raise RefusedError("not_administrator")
    if "code" not in request.args:
        error = request.args.get("error", "")
        if error in ("", "access_denied"):
            raise RefusedError("access_not_granted")
        raise RefusedError("refused_at_hubspot", said=error[:_SHOWN_OF_ERROR])
    return request.args["code"]


def _page(*, token_error: str = "", oauth_error: str = "") -> str:
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
        **(_details(row) if row else {}),
    )


def _details(row: Connection) -> dict[str, Any]:
    latest = log.run_page(page_session(), limit=1).rows
    by = users.by_id(page_session(), row.connected_by_id) if row.connected_by_id else None
    return {
        "connected_by": by.name if by else None,
        "portal_url": portal.portal_url(services().settings, row),
        "scopes": connection_labels.scope_rows(row),
        "trouble": connection_labels.trouble(row),
        "budget": ask(budget.budget, row),
        "shown_days": budget.SHOWN_DAYS,
        "last_run": latest[0].run if latest else None,
        "continuable": continuing.continuable(page_session(), row),
        "events": inbox.summary(page_session(), row.id, datetime.now(UTC)),
        "subscriptions": _subscriptions(row),
        "switches": [(name, is_on(row.automatic, name), SWITCH_TEXTS[name]) for name in SWITCHES],
        "unsent": outbox.count(page_session(), row.id),
        "reconcile": reconcile_view.gather(page_session(), row),
        "privacy_deletions": privacy_deletions.undecided(page_session(), row.id),
        "asking": runs.asking(page_session(), row.id),
        "standing": mapping_standing.of_connection(row.id),
    }


def _subscriptions(row: Connection) -> str:
    """What the app has to be subscribed to, as text to copy."""
    address = f"{services().settings.public_url}{url_for('webhooks.hubspot')}"
    needed = subscriptions(address, [mappings.load(page_session(), row.id, kind) for kind in OBJECT_TYPES])
    return json.dumps(needed, indent=2)
