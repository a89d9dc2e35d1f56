"""Texts of notifications: what each kind is, for who chooses, and what its mail says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from babel.dates import format_date

from webapp.text.runs.runs import run_error
from webapp.text.translated import Table, gettext, locale_name, mark, number_text


class Offer(NamedTuple):
    """A kind of notification as it is offered: its label, and when a mail goes out."""

    label: str
    hint: str


_OFFERS: dict[str, Offer] = {
    "lost_connection": Offer(
        "The connection to HubSpot is lost",
        "When HubSpot no longer accepts the access, or keeps the account from being synced. Once, until it "
        "works again.",
    ),
    "failed_reconcile": Offer(
        "Looking for missed changes fails",
        "When a check for missed changes ends without having looked. Once, until one succeeds.",
    ),
    "many_held": Offer(
        "Much waits for a decision",
        "When more records than this need somebody to decide. Once, until there are fewer again.",
    ),
    "weekly_summary": Offer(
        "A summary of the week",
        "On Monday at eight, by the clock of the HubSpot account: what came, what went, what needs somebody.",
    ),
}
OFFERS = Table(_OFFERS)
"""By the name of the kind."""

# Lists count up to this.
_MOST_COUNTED = 1000
_MAY_BE_MISSED = mark(
    "Messages from HubSpot are taken as before. A change of which none comes may be missed until a check "
    "for missed changes succeeds; it is tried again by itself. There is no further mail about it until "
    "one has."
)
_LEFT_ALONE = mark("Until then each of them is left as it is, here and in HubSpot; all others are synced.")


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
        gettext("Looking for missed changes has failed"),
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
            gettext("More than %(number)s wait for somebody to decide.", number=number_text(params["above"]))
            + " "
            + gettext(_LEFT_ALONE),
            gettext("There is no further mail about it until there are fewer again."),
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
            gettext("This is how the sync with HubSpot did.")
            if needs
            else gettext("All is in order: nothing needs you."),
        ),
        (
            (gettext("Changes from HubSpot"), number_text(params["came"])),
            (gettext("Changes sent to HubSpot"), number_text(params["went"])),
            (gettext("Runs that failed"), _bounded(params["failed_runs"])),
            (gettext("Need a decision now"), _bounded(params["held"])),
            (gettext("Fail now"), _bounded(params["failing"])),
            (gettext("Possible duplicates now"), _bounded(params["duplicates"])),
        ),
        gettext("Open Twinbook"),
        "/",
    )


def _day(text: str) -> str:
    return format_date(datetime.fromisoformat(text), "d MMM", locale=locale_name())


def _bounded(count: int) -> str:
    """A count as text; a thousand stands for a thousand or more."""
    return f"{number_text(_MOST_COUNTED)}+" if count >= _MOST_COUNTED else number_text(count)
