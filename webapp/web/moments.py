"""Moments as people read them: in the viewer's zone, one format everywhere, the exact moment on hover."""

from datetime import UTC, date, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_datetime, format_timedelta
from flask import Flask, has_request_context
from flask_login import current_user
from markupsafe import Markup

from webapp.text.translated import date_pattern, locale_name
from webapp.text.translated import gettext as _

_AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


def register(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(moment=moment, on_day=on_day, soon=soon, ago=ago, day=day, clock=clock)


@cache
def time_zones() -> tuple[str, ...]:
    """The zones that a person can choose, as `Europe/Berlin`."""
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS))


def zone() -> tzinfo:
    """The zone of who reads this page; UTC where nobody has said."""
    name = getattr(current_user, "time_zone", None) if has_request_context() else None
    return ZoneInfo(name) if name in time_zones() else UTC


def moment(at: datetime | None) -> Markup | str:
    """A moment as `24 Nov 2026, 09:15`, in UTC with its zone behind it."""
    return _time(at, _text(at, "d MMM y, HH:mm", names_utc=True)) if at else ""


def on_day(at: datetime | None) -> Markup | str:
    """A moment as `today 04:53`, as long as the day can be said so."""
    if at is None:
        return ""
    days = (datetime.now(zone()).date() - at.astimezone(zone()).date()).days
    time = _text(at, "HH:mm")
    text = {0: _("today %(time)s", time=time), 1: _("yesterday %(time)s", time=time)}.get(days)
    return _time(at, text or _text(at, "d MMM y, HH:mm"))


def soon(at: datetime | None) -> Markup | str:
    """A moment to come as `04:53`, where that is today, else with its day."""
    if at is None:
        return ""
    is_today = datetime.now(zone()).date() == at.astimezone(zone()).date()
    return _time(at, _text(at, "HH:mm")) if is_today else moment(at)


def clock(at: datetime | None) -> Markup | str:
    """The time of a day that is known: `09:15:02`."""
    return _time(at, _text(at, "HH:mm:ss")) if at else ""


def ago(at: datetime | None) -> Markup | str:
    """A moment as `3 minutes ago`."""
    if at is None:
        return ""
    return _time(at, format_timedelta(at - datetime.now(UTC), add_direction=True, locale=locale_name()))


def day(at: datetime | date | None) -> Markup | str:
    """A day as `24 Nov 2026`; of a moment, the day that it is where the viewer is."""
    if at is None:
        return ""
    if isinstance(at, datetime):
        return _time(at, _text(at, "d MMM y"))
    text = format_date(at, date_pattern("d MMM y"), locale=locale_name())
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), text)


def stored(text: str) -> str:
    """A day or a moment as a field holds it, `2026-11-24T08:15:00.000Z`, written like every other one."""
    try:
        if len(text) == len("2026-11-24"):
            return format_date(date.fromisoformat(text), date_pattern("d MMM y"), locale=locale_name())
        return _text(datetime.fromisoformat(text), "d MMM y, HH:mm", names_utc=True)
    except ValueError:
        # What HubSpot holds may be no date.
        return text


def _time(at: datetime, text: str) -> Markup:
    exact = _text(at, "d MMM y, HH:mm:ss zzz", names_utc=True)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exact, text)


def _text(at: datetime, pattern: str, *, names_utc: bool = False) -> str:
    here = zone()
    if here is UTC and names_utc:
        pattern = f"{pattern.removesuffix(' zzz')} 'UTC'"
    return format_datetime(
        at.astimezone(here),
        date_pattern(pattern),
        tzinfo=here if here is not UTC else None,
        locale=locale_name(),
    )
