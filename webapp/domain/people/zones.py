"""Time zones by their names, which come from browsers, settings and HubSpot."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC = ZoneInfo("UTC")


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where this machine knows none.

    A name such as `Europe`, and one that is too long, is a folder or no file to the data of zones.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
