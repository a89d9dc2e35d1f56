"""Texts of notifications: the label of each kind, and its mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from babel.dates import format_date

from webapp.text.runs.runs import run_error
from webapp.text.translated import Table, date_pattern, gettext, locale_name, mark, number_text


class Offer(NamedTuple):
    """The texts of a kind in the choice of notifications: its label, and when a mail goes out."""

    label: str
    hint: str


_OFFERS: dict[str, Offer] = {
    "lost_connection": Offer(
        "The connection to HubSpot is lost",
        "When HubSpot no longer accepts the access, or no longer lets the account be synced. "
        "Sent once, until it works again.",
    ),
    "failed_reconcile": Offer(
        "Checking for missed changes fails",
        "When a check for missed changes could not be carried out. Sent once, until one succeeds.",
    ),
    "many_held": Offer(
        "Many records need a decision",
        "When more records than this need a decision. Sent once, until there are fewer again.",
    ),
    "weekly_summary": Offer(
        "A summary of the week",
        "On Mondays at eight, in the time zone of the HubSpot account: what came in, what "
        "went out, what needs somebody.",
    ),
}
OFFERS = Table(_OFFERS)
"""By the name of the kind."""

# Lists count up to this.
_MOST_COUNTED = 1000
_MAY_BE_MISSED = mark(
    "Messages from HubSpot still arrive. A change without a message may be missed until "
    "a check succeeds; it is tried again by itself. You get no further mail about this "
    "until one has succeeded."
)
_LEFT_ALONE = mark("Until then each of them stays as it is, here and in HubSpot; all others are synced.")


class NotificationText(NamedTuple):
    """The contents of a mail.

    Attributes:
        subject: its subject, which is its heading as well.
        paragraphs: its text.
        figures: labels with their numbers, in a table.
        link, path: the text of its link, and where that leads.
    """

    subject: str
    paragraphs: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    link: str
    path: str


def notification(kind: str, params: Mapping[str, Any]) -> NotificationText:
    """The contents of the mail of a kind.

    Args:
        kind: Any but a lost connection, whose mail `text.mails` writes.
        params: The parameters that were stored with it.
    """
    return {"failed_reconcile": _failed, "many_held": _held, "weekly_summary": _week}[kind](params)


def _failed(params: Mapping[str, Any]) -> NotificationText:
    why = run_error(params.get("error") or "unexpected")
    return NotificationText(
        gettext("Checking for missed changes has failed"),
        (
            f"{why.text} {why.remedy}".strip(),
            gettext(_MAY_BE_MISSED),
        ),
        (),
        gettext("Open run %(number)s", number=params["run_id"]),
        f"/sync-log/{params['run_id']}",
    )


def _held(params: Mapping[str, Any]) -> NotificationText:
    return NotificationText(
        gettext("%(number)s records need a decision", number=_bounded(params["held"])),
        (
            gettext(
                "More than %(number)s records are waiting for somebody to decide.",
                number=number_text(params["above"]),
            )
            + " "
            + gettext(_LEFT_ALONE),
            gettext("You get no further mail about this until there are fewer again."),
        ),
        (),
        gettext("Decide"),
        "/held",
    )


def _week(params: Mapping[str, Any]) -> NotificationText:
    days = gettext("%(first)s to %(last)s", first=_day(params["since"]), last=_day(params["until"]))
    needs = params["held"] or params["failing"] or params["duplicates"]
    return NotificationText(
        gettext("Twinbook's week, %(days)s", days=days),
        (
            gettext("How the sync with HubSpot went this week:")
            if needs
            else gettext("Everything is in order: nothing needs you."),
        ),
        (
            (gettext("Changes from HubSpot"), number_text(params["came"])),
            (gettext("Changes sent to HubSpot"), number_text(params["went"])),
            (gettext("Runs that failed"), _bounded(params["failed_runs"])),
            (gettext("Need a decision now"), _bounded(params["held"])),
            (gettext("Failing now"), _bounded(params["failing"])),
            (gettext("Possible duplicates now"), _bounded(params["duplicates"])),
        ),
        gettext("Open Twinbook"),
        "/",
    )


def _day(text: str) -> str:
    return format_date(datetime.fromisoformat(text), date_pattern("d MMM"), locale=locale_name())


def _bounded(count: int) -> str:
    """A count as text; a thousand stands for a thousand or more."""
    return f"{number_text(_MOST_COUNTED)}+" if count >= _MOST_COUNTED else number_text(count)
