"""When to search for missed changes, and which of the objects found have to be read."""

from datetime import datetime, time, timedelta

from webapp.domain.people.zones import zone_of

OVERLAP = timedelta(minutes=5)
"""How far before the watermark a reconcile begins: search lags, and many changes share a moment."""

MOST_AHEAD = timedelta(days=1)
"""So far HubSpot's clock may be ahead of ours; what is further ahead is the time of a gateway on the way."""

ANNOUNCED_WITHIN = timedelta(minutes=1)
"""How long a change may wait for its webhook event before it counts as not announced."""

_MINUTES, _MINUTES_WITHOUT_EVENTS = 10, 1
_COMPARED_AT = time(3, 0)
_RECENTLY = timedelta(days=1)


def gets_events(latest_delivery: datetime | None, now: datetime) -> bool:
    """Whether HubSpot sends webhook events at present."""
    return latest_delivery is not None and latest_delivery > now - _RECENTLY


def expects_events(kind: str, latest_delivery: datetime | None) -> bool:
    """Whether a change without a webhook event is worth reporting: OAuth apps get events, others may."""
    return kind == "oauth" or latest_delivery is not None


def pause_between(minutes: int | None, *, has_events: bool) -> timedelta:
    """The pause between two reconciles; a setting in minutes wins.

    Args:
        minutes: The setting, if there is one.
        has_events: Whether webhook events come, so that a reconcile only finds lost ones.
    """
    return timedelta(minutes=minutes or (_MINUTES if has_events else _MINUTES_WITHOUT_EVENTS))


def watermark_from(remote: datetime, local: datetime) -> datetime:
    """The moment from which on changes are looked for next: HubSpot's time, as far as it may be that.

    A watermark that is ahead of HubSpot's clock passes over every change until that has caught up.

    Args:
        remote: The time that an answer bore.
        local: The present time here.
    """
    return remote if is_possible(remote, local) else local


def searched_since(watermark: datetime | None, now: datetime) -> datetime | None:
    """From when on changes are looked for; None, and so all of them, where no watermark says."""
    return watermark - OVERLAP if watermark is not None and is_possible(watermark, now) else None


def is_possible(remote: datetime, local: datetime) -> bool:
    """Whether a moment may have come by HubSpot's clock."""
    return remote <= local + MOST_AHEAD


def is_comparison_due(last: datetime, now: datetime, zone: str) -> bool:
    """Whether the nightly comparison of everything is due, at three by the portal's clock."""
    local = now.astimezone(zone_of(zone))
    night = datetime.combine(local.date(), _COMPARED_AT, local.tzinfo)
    latest = night if local >= night else night - timedelta(days=1)
    return last < latest
