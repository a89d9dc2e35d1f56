"""Texts of notifications: what each kind is, for who chooses, and what its mail says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from webapp.text.runs import run_error


class Offer(NamedTuple):
    """A kind of notification as it is offered: its label, and when a mail goes out."""

    label: str
    hint: str


OFFERS: dict[str, Offer] = {
    "lost_connection": Offer(
        "The connection to HubSpot is lost",
        "When HubSpot no longer accepts the access, or keeps the account from being synced. Once, until it "
        "works again.",
    ),
    "failed_reconcile": Offer(
        "Looking for missed changes fails",
        "When a Reconcile ends without having looked. Once, until one succeeds.",
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
"""By the name of the kind."""

_MAY_BE_MISSED = (
    "Messages from HubSpot are taken as before. A change of which none comes may be missed until a Reconcile "
    "succeeds; it is tried again by itself. There is no further mail about it until one has."
)
_LEFT_ALONE = "Until then each of them is left as it is, here and in HubSpot; all others are synced."


class NotificationText(NamedTuple):
    """What a mail says.

    Attributes:
        subject: its subject, which is its heading as well.
        paragraphs: its text.
        figures: labels with their numbers, in a table.
        link, path: the words of its link, and where that leads.
    """

    subject: str
    paragraphs: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    link: str
    path: str


def notification(kind: str, params: Mapping[str, Any]) -> NotificationText:
    """What the mail of a kind says.

    Args:
        kind: Of those that have no problem of their own: a lost connection is told by `text.mails`.
        params: What it was written with.
    """
    return {"failed_reconcile": _failed, "many_held": _held, "weekly_summary": _week}[kind](params)


def _failed(params: Mapping[str, Any]) -> NotificationText:
    why = run_error(params.get("error") or "unexpected")
    return NotificationText(
        "Looking for missed changes has failed",
        (
            f"{why.text} {why.remedy}".strip(),
            _MAY_BE_MISSED,
        ),
        (),
        f"Open run {params['run_id']}",
        f"/sync-log/{params['run_id']}",
    )


def _held(params: Mapping[str, Any]) -> NotificationText:
    return NotificationText(
        f"{_bounded(params['held'])} records need a decision",
        (
            f"More than {params['above']:,} wait for somebody to decide. {_LEFT_ALONE}",
            "There is no further mail about it until there are fewer again.",
        ),
        (),
        "Decide",
        "/held",
    )


def _week(params: Mapping[str, Any]) -> NotificationText:
    days = f"{_day(params['since'])} to {_day(params['until'])}"
    needs = params["held"] or params["failing"] or params["duplicates"]
    return NotificationText(
        f"Twinbook's week, {days}",
        ("This is how the sync with HubSpot did." if needs else "All is in order: nothing needs you.",),
        (
            ("Changes from HubSpot", f"{params['came']:,}"),
            ("Changes sent to HubSpot", f"{params['went']:,}"),
            ("Runs that failed", _bounded(params["failed_runs"])),
            ("Need a decision now", _bounded(params["held"])),
            ("Fail now", _bounded(params["failing"])),
            ("Possible duplicates now", _bounded(params["duplicates"])),
        ),
        "Open Twinbook",
        "/",
    )


def _day(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%b}"


def _bounded(count: int) -> str:
    """A count of which nobody knows how far it goes beyond a thousand."""
    return "1,000+" if count >= 1000 else f"{count:,}"  # noqa: PLR2004 - what lists count up to
