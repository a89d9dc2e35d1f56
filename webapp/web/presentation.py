"""What every template can use: addresses of assets, moments in time, words for outcomes and reasons."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, current_app, request, url_for
from markupsafe import Markup

from webapp.domain.outcomes import OUTCOMES, REASONS, Reason

_LOCALE = "en_GB"
_NAVIGATION = (
    ("/companies", "Companies"),
    ("/contacts", "Contacts"),
    ("/integrations", "Integrations"),
    ("/sync-log", "Sync log"),
    ("/held", "Held"),
)


def register(app: Flask) -> None:
    """Give the templates their filters and functions."""
    app.jinja_env.filters.update(moment=moment, ago=ago, number=number)
    app.jinja_env.globals.update(
        asset=asset, navigation=navigation, outcome_words=outcome_words, reason_words=reason_words
    )


def asset(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it."""
    path = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_digest(path, path.stat().st_mtime_ns))


def navigation() -> list[tuple[str, str]]:
    """The main pages: address and words."""
    return [(request.script_root + address, words) for address, words in _NAVIGATION]


def moment(at: datetime | None) -> Markup | str:
    """A moment as `24 Nov 2026, 08:15 UTC`."""
    if at is None:
        return ""
    words = format_datetime(at.astimezone(UTC), "d MMM y, HH:mm 'UTC'", locale=_LOCALE)
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), words)


def ago(at: datetime | None) -> Markup | str:
    """A moment as `3 minutes ago`, with the exact one behind it."""
    if at is None:
        return ""
    words = format_timedelta(at - datetime.now(UTC), add_direction=True, locale=_LOCALE)
    exact = format_datetime(at.astimezone(UTC), "d MMM y, HH:mm:ss 'UTC'", locale=_LOCALE)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exact, words)


def number(value: float) -> str:
    """A number with its thousands apart."""
    return format_decimal(value, locale=_LOCALE)


def outcome_words(outcome: str) -> str:
    """An outcome as people read it."""
    return OUTCOMES.get(outcome, outcome)


def reason_words(reason: str | None) -> Reason | None:
    """What a reason says and what can be done about it; None without a reason."""
    return REASONS.get(reason, Reason(reason)) if reason else None


@cache
def _digest(path: Path, _modified_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
