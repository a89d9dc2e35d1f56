"""How much waits in each of the lists of what needs a person, as their tabs say."""

from collections.abc import Sequence

from webapp.store.failing import failures
from webapp.store.held import objects as held_objects
from webapp.store.held import records as held_records
from webapp.store.held.objects import Group
from webapp.web.services import page_session


def list_counts(connection_id: int | None, groups: Sequence[Group] | None = None) -> dict[str, int]:
    """How much each of the lists holds, as their tabs say; `groups` where they were read already."""
    if groups is None:
        groups = all_groups(connection_id) if connection_id is not None else []
    return {
        "held_count": _count(groups, held_objects.HELD_STATES),
        "held_records_count": _count(groups, (held_records.STATE,)),
        "failing_count": failures.count(page_session(), connection_id) if connection_id is not None else 0,
        "not_imported_count": _count(groups, held_objects.NOT_IMPORTED_STATES),
    }


def _count(groups: Sequence[Group], states: Sequence[str]) -> int:
    return sum(group.count for group in groups if group.state in states)


def all_groups(connection_id: int) -> list[Group]:
    """How many objects and records wait, by state, reason and object type."""
    session = page_session()
    return held_objects.groups(session, connection_id) + held_records.groups(session, connection_id)
