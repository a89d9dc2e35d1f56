"""The settings of this installation, read-only, with where each comes from; secrets are never shown."""

import threading
from typing import Any

import structlog
from flask import Blueprint, Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from msgspec import Struct

from webapp import settings as settings_module
from webapp.settings import SECRETS, Settings
from webapp.web.access import administrators_only
from webapp.web.services import services

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

_ORIGINS = "twinbook.setting_origins"
_FORWARDED = "twinbook.untrusted_forwarding"

_log = structlog.get_logger()


class Shown(Struct, frozen=True):
    """A setting as the page shows it. `value` is empty for a secret, and for what is not set."""

    name: str
    value: str
    origin: str
    is_secret: bool
    is_set: bool


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
    value: Any = getattr(services().settings, name)
    is_secret, is_set = name in SECRETS, value not in ("", None, ())
    return Shown(
        name=name.upper(),
        value="" if is_secret or not is_set else _text(value),
        origin=current_app.extensions[_ORIGINS][name],
        is_secret=is_secret,
        is_set=is_set,
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.0%}"
    return str(value)
