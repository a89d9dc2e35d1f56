"""Counts on the tabs of the lists of what needs a person."""

from collections.abc import Sequence

from webapp.store.failing import failures
from webapp.store.held import objects as held_objects
from webapp.store.held import records as held_records
from webapp.store.held.objects import Group
from webapp.text.reasons import REASONS
from webapp.text.records.records import OBJECT_TYPES
from webapp.text.translated import gettext as _
from webapp.web.presentation import number_or_more
from webapp.web.services import page_session


def list_counts(connection_id: int | None, groups: Sequence[Group] | None = None) -> dict[str, int]:
    """How much each of the lists holds, for their tabs; `groups` where they were read already."""
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


def type_choices(groups: Sequence[Group]) -> list[tuple[str, str]]:
    """The object types that a list can be filtered by, with how many there are of each."""
    counts = {
        name: sum(group.count for group in groups if group.object_type == name) for name in OBJECT_TYPES
    }
    return [
        ("", _("All")),
        *((name, f"{OBJECT_TYPES[name][1]} ({number_or_more(counts[name])})") for name in counts),
    ]


def reason_choices(groups: Sequence[Group]) -> list[tuple[str, str]]:
    """The reasons that a list can be filtered by, with how many there are of each."""
    counts: dict[str, int] = {}
    for group in sorted(groups, key=lambda one: one.reason):
        counts[group.reason] = counts.get(group.reason, 0) + group.count
    labels = {name: REASONS[name].text if name in REASONS else name for name in counts}
    return [
        ("", _("Any reason")),
        *((name, f"{labels[name]} ({number_or_more(counts[name])})") for name in counts),
    ]


def all_groups(connection_id: int) -> list[Group]:
    """How many objects and records wait, by state, reason and object type."""
    session = page_session()
    return held_objects.groups(session, connection_id) + held_records.groups(session, connection_id)
