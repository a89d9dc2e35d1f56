"""The settings of this installation, read-only, with where each comes from; secrets are never shown."""

import threading
from datetime import timedelta
from typing import Any

import structlog
from flask import Blueprint, Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from msgspec import Struct

from webapp import settings as settings_module
from webapp.domain.reconcile.schedule import pause_between
from webapp.hubspot.http.limits import UNANNOUNCED
from webapp.settings import SECRETS, Settings, own_database
from webapp.text.translated import gettext as _
from webapp.web.access import administrators_only
from webapp.web.services import services

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

_ORIGINS = "twinbook.setting_origins"
_FORWARDED = "twinbook.untrusted_forwarding"

_log = structlog.get_logger()


class Shown(Struct, frozen=True):
    """A setting as the page shows it.

    Attributes:
        value: what applies; empty for a secret, and for what is none where it is not set.
        is_hidden: whether it is set, and a secret.
    """

    name: str
    value: str
    origin: str
    is_hidden: bool


def register(app: Flask) -> None:
    """Remember where the settings came from, and whether a proxy speaks that nobody has trusted."""
    app.extensions[_ORIGINS] = settings_module.origins()
    seen = app.extensions[_FORWARDED] = threading.Event()
    made: Settings = app.extensions["twinbook.services"].settings
    if made.trusted_proxies == 0:

        @app.before_request
        def look() -> None:
            if "X-Forwarded-For" in request.headers and not seen.is_set():
                seen.set()
                _log.warning("untrusted_forwarded_for", setting="TRUSTED_PROXIES", value=0)


@blueprint.get("")
@administrators_only
def index() -> ResponseReturnValue:
    """Every setting with its value and origin."""
    return render_template(
        "people/settings.html",
        settings=[_shown(name) for name in _names()],
        has_untrusted_proxy=current_app.extensions[_FORWARDED].is_set(),
    )


def _names() -> list[str]:
    return list(Settings.__dataclass_fields__)


def _shown(name: str) -> Shown:
    settings = services().settings
    value: Any = getattr(settings, name)
    is_set = value not in ("", None, ()) and value != own_database(settings.instance_path)
    is_hidden = is_set and name in SECRETS
    shown = _text(value) if is_set else _default_texts(settings).get(name, "")
    return Shown(
        name=name.upper(),
        value="" if is_hidden else shown,
        origin=current_app.extensions[_ORIGINS][name],
        is_hidden=is_hidden,
    )


def _default_texts(settings: Settings) -> dict[str, str]:
    """What applies, by setting, where it has no value of its own and still something happens."""
    often, seldom = (
        pause_between(None, has_events=has_events) // timedelta(minutes=1) for has_events in (False, True)
    )
    return {
        "database_url": _("an SQLite file in the instance folder"),
        "redis_url": _("an embedded server"),
        "hubspot_rate_limit": _("what HubSpot's answers say, else %(calls)s", calls=UNANNOUNCED["burst"][0]),
        "mail_server": _("none: mail is written to the log"),
        "mail_default_sender": settings.mail_sender,
        "reconcile_minutes": _(
            "%(seldom)s; %(often)s while HubSpot sends no messages", seldom=seldom, often=often
        ),
        "metrics_token": _("none: /metrics is off"),
        "sentry_dsn": _("none: unexpected errors are in the log alone"),
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.0%}"
    return str(value)
