"""The parts of the home page, made from gathered facts: figures, needs, and changes."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from babel.dates import format_date, format_time
from flask_login import current_user
from markupsafe import Markup, escape

from webapp.domain.connection.automatic import is_on
from webapp.domain.home.needs import Facts, Need, needs
from webapp.domain.people.zones import zone_of
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.changes import Slot, totals
from webapp.store.connection import connections
from webapp.store.home.standing import MOST_COUNTED, Standing
from webapp.text.translated import date_pattern, locale_name
from webapp.usecases.home.overview import Overview
from webapp.web.connection import bulk
from webapp.web.home.charts import Chart, chart
from webapp.web.live.parts import Parts
from webapp.web.presentation import number
from webapp.web.runs.labels import is_over
from webapp.web.runs.parts import rendered


class Row(NamedTuple):
    """An hour or a day by its name."""

    name: str
    slot: Slot


class Changes(NamedTuple):
    """Changes by the hour or by the day.

    Attributes:
        name: `hours` or `days`.
        rows: the latest last.
        chart: their drawing.
        came, went: all of them.
    """

    name: str
    rows: list[Row]
    chart: Chart
    came: int
    went: int


def viewer_zone() -> tzinfo:
    """The time zone of who looks; UTC where it is not known."""
    return zone_of(getattr(current_user, "time_zone", None) or "UTC")


def changes(found: Overview) -> list[Changes]:
    """The changes by the hour, then by the day."""
    locale = locale_name()
    hours = [Row(format_time(one.start, "HH:mm", locale=locale), one) for one in found.hours]
    days = [Row(format_date(one.start, date_pattern("EEE d MMM"), locale=locale), one) for one in found.days]
    return [_changes("hours", hours), _changes("days", days)]


def needs_of(found: Standing, *, is_pulling: bool) -> list[Need]:
    """The things that need a person now."""
    row = found.connection
    return needs(
        Facts(
            is_connected=row is not None,
            is_dead=row is not None and row.state == connections.FAILING,
            is_pulled=row is not None and row.first_pull_finished_at is not None,
            is_pulling=is_pulling,
            is_paused=row is not None and is_on(row.automatic, "paused"),
            setup_done=tuple(row.setup_done) if row is not None else (),
            asking=found.asking,
            privacy=found.privacy,
            held=found.held_objects + found.held_records,
            failing=found.failing,
            duplicates=found.duplicates,
        )
    )


def parts(found: Overview) -> Parts:
    """All that changes while the page is open, by element id."""
    standing = found.standing
    in_sync = sum(one.count for one in found.in_sync.values())
    shown: Parts = {
        "home-in-sync": escape(number(in_sync)) if found.in_sync else Markup("&ndash;"),
        "home-waiting": bounded(sum(found.waiting.values()) + found.events),
        "home-held": _alarming(standing.held_objects + standing.held_records),
        "home-failing": _alarming(standing.failing),
        "home-needs": _needs(found),
        "home-in-sync-of": rendered("home/_in_sync.html", in_sync=found.in_sync),
        "home-waiting-of": rendered("home/_waiting.html", waiting=found.waiting, events=found.events),
        "home-calls": rendered("home/_calls.html", budget=found.budget),
        **bulk.parts(found.latest),
    }
    for one in changes(found):
        shown[f"home-{one.name}-totals"] = rendered("home/_totals.html", changes=one)
        shown[f"home-{one.name}-chart"] = rendered("home/_chart.html", changes=one)
        shown[f"home-{one.name}-table"] = rendered("home/_table.html", changes=one)
    return shown


def listed(found: Overview) -> dict[str, ObjectType]:
    """The type whose list a figure leads to: contacts, unless companies alone make it up."""
    in_sync = {kind: one.count for kind, one in found.in_sync.items()}
    ways = {"in_sync": in_sync, "pending": found.waiting}
    return {
        way: "companies" if counts.get("companies") and not counts.get("contacts") else "contacts"
        for way, counts in ways.items()
    }


def bounded(count: int) -> Markup:
    """A count; where it may be more than was counted, with a plus."""
    return escape(f"{number(MOST_COUNTED)}+" if count >= MOST_COUNTED else number(count))


def _needs(found: Overview) -> Markup:
    pull = found.latest.get("pull")
    is_pulling = pull is not None and not is_over(pull.run)
    needed = needs_of(found.standing, is_pulling=is_pulling)
    return rendered("home/_needs.html", needs=needed, is_pulling=is_pulling, bounded=bounded)


def _alarming(count: int) -> Markup:
    """A count that is coloured, unless it is nothing."""
    return bounded(count) if count else Markup('<span class="none">0</span>')


def _changes(name: str, rows: Sequence[Row]) -> Changes:
    slots = [row.slot for row in rows]
    return Changes(name, list(rows), chart(slots), *totals(slots))
