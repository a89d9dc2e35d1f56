"""The Integrations pages: connecting a portal, how the connection is doing, testing it and ending it."""

import hmac
import secrets
import time

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.connection.automatic import SWITCHES
from webapp.errors import RefusedError
from webapp.store.connection import connections
from webapp.text.connection.connection import ENDINGS
from webapp.text.refusals import refused, refused_connection
from webapp.text.translated import gettext as _
from webapp.usecases.connection import connect, switches
from webapp.usecases.push.own_key import key_property
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.web.access import administrators_only, open_to_all
from webapp.web.connection import bulk
from webapp.web.connection.page import bulk_parts, connection_page
from webapp.web.connection.required import require_connection
from webapp.web.connection.setup import setup_bar
from webapp.web.live.parts import Parts, PartStream
from webapp.web.live.sse import event_stream
from webapp.web.services import ask, page_session, services

blueprint = Blueprint("integrations", __name__, url_prefix="/integrations")

_STATE_LIFE_S = 600
"""How long a person may take on HubSpot's page."""
_SHOWN_OF_ERROR = 60


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The integrations, and the state of each."""
    row = connections.latest(page_session())
    return render_template("connection/index.html", row=row, bar=setup_bar(), parts=bulk_parts(row))


@blueprint.get("/stream")
def stream() -> ResponseReturnValue:
    """The latest Pull and Push as events, for as long as a page with their buttons is open."""
    row = connections.latest(page_session())
    connection_id = row.id if row else None

    def parts() -> Parts:
        with services().database.reading() as session:
            return bulk.parts(bulk.latest(session, connection_id))

    return event_stream(PartStream(parts, ("integrations", connection_id)))


@blueprint.get("/hubspot")
def hubspot() -> ResponseReturnValue:
    """The connection to HubSpot in whole."""
    return connection_page()


@blueprint.post("/hubspot/authorization")
@administrators_only
def authorize() -> ResponseReturnValue:
    """Send the person to HubSpot's page, with a state that is stored in this session alone."""
    state = secrets.token_urlsafe(32)
    try:
        address = ask(connect.begin_oauth, state)
    except RefusedError as refusal:
        return connection_page(oauth_error=refused(refusal)), 422
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
        flash(f"{_('HubSpot was not connected.')} {refused_connection(refusal)}", "bad")
    else:
        ask(key_property.configure, row.id, may_create=wants_key)
        flash(_("Portal %(number)s is connected.", number=row.portal_id), "good")
        return redirect(_after_connecting(row.id), 303)
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/connection")
@administrators_only
def connect_token() -> ResponseReturnValue:
    """Connect with a pasted access token."""
    try:
        row = ask(connect.connect_with_token, request.form.get("token", ""), user_id=current_user.id)
    except RefusedError as refusal:
        return connection_page(token_error=f"{refused_connection(refusal)} {_('Nothing was stored.')}"), 422
    ask(key_property.configure, row.id, may_create="create_key" in request.form)
    flash(_("Portal %(number)s is connected.", number=row.portal_id), "good")
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
        flash(_("The connection works."), "good")
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/key")
@administrators_only
def configure_key() -> ResponseReturnValue:
    """Check our unique property again, and create it where the form allows."""
    row = require_connection()
    states = ask(key_property.configure, row.id, may_create="create" in request.form)
    is_ready = bool(states) and set(states.values()) == {"ready"}
    if is_ready:
        flash(_("Duplicate protection is ready."), "good")
    else:
        flash(_("See below how duplicate protection stands."), "info")
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/automatic")
@administrators_only
def set_automatic() -> ResponseReturnValue:
    """Keep the switches of automatic sync."""
    row = require_connection()
    ask(switches.save, row.id, {name: name in request.form for name in SWITCHES})
    flash(_("The switches were saved."), "good")
    return redirect(url_for("integrations.hubspot"), 303)


@blueprint.post("/hubspot/reconciliation")
@administrators_only
def reconcile_now() -> ResponseReturnValue:
    """Look for missed changes now, or compare everything; leads to the run."""
    is_full = "everything" in request.form
    started = ask(begin_reconcile.start, trigger="button", user_id=current_user.id, is_full=is_full)
    if not started.is_new:
        flash(_("A look for missed changes was under way already: this is it."), "info")
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
        flash(_("HubSpot is disconnected. Records and links are kept."), "good")
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
