"""Links as an entry of the log keeps them, so that they can come back as they were."""

from datetime import datetime
from typing import Any

from webapp.domain.records.fields import ObjectType
from webapp.models import Link

_TIMES = ("remote_updated_at", "linked_at", "pulled_at", "pushed_at")
_KEPT = ("remote_id", "state", "local_seen", "remote_seen", *_TIMES)


def kept_of(link: Link) -> dict[str, Any]:
    """A link as data."""
    kept = {one: getattr(link, one) for one in _KEPT}
    return kept | {one: kept[one].isoformat() if kept[one] else None for one in _TIMES}


def as_link(connection_id: int, object_type: ObjectType, record_id: int, kept: dict[str, Any]) -> Link:
    """The link that was kept so."""
    times = {one: datetime.fromisoformat(kept[one]) if kept[one] else None for one in _TIMES}
    return Link(
        connection_id=connection_id,
        object_type=object_type,
        record_id=record_id,
        **{**{one: kept[one] for one in _KEPT}, **times},
    )
