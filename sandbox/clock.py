"""Time as HubSpot writes it: UTC, milliseconds, a Z."""

from datetime import UTC, datetime


def now_iso() -> str:
    """The present moment."""
    return iso(datetime.now(UTC))


def iso(moment: datetime) -> str:
    """An aware moment as `2026-01-05T09:12:01.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def iso_of_ms(epoch_ms: int) -> str:
    """Epoch milliseconds as HubSpot's text."""
    return iso(datetime.fromtimestamp(epoch_ms / 1000, UTC))


def iso_ago(seconds: float) -> str:
    """The moment so many seconds ago."""
    return iso(datetime.fromtimestamp(datetime.now(UTC).timestamp() - seconds, UTC))
