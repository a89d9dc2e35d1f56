"""Texts about processes and servers that do not work: the consequence, and the remedy."""

from webapp.text.reasons import Reason
from webapp.text.translated import Table, gettext, mark

_TROUBLES: dict[str, Reason] = {
    "redis_gone": Reason(
        "The queue server (Redis) does not answer, so nothing is synced just now.",
        "Start it. What is edited here and what HubSpot reports is kept, and is processed once it is back.",
    ),
    "redis_refuses": Reason(
        "The queue server (Redis) answers and takes nothing, so nothing is synced just now.",
        "Give it more memory (maxmemory) or disk, or name one in REDIS_URL that is no replica. What is "
        "edited here and what HubSpot reports is kept.",
    ),
    "no_worker": Reason(
        "No worker is running, so nothing that waits is carried out.",
        "Start python worker.py, and read its log if it ends again. Nothing is lost meanwhile.",
    ),
    "no_schedule": Reason(
        "The schedule is not running: waiting runs are not started, and missed changes are not checked for.",
        "Start python worker.py, which acts on it, and read its log if it ends again.",
    ),
    "mail_late": Reason(
        "Mail is not being sent.",
        "Check the mail settings. What the mail server answered stands on the page of the run that a mail is "
        "about, or under Notifications.",
    ),
    "disk_low": Reason(
        "The disk that holds this installation is almost full.",
        "Free some space soon: once it is full, nothing can be saved and syncing stops.",
    ),
}
TROUBLES = Table(_TROUBLES)
"""By the stable name of the trouble."""


_DATABASE: dict[str, str] = {
    "busy": "The database is busy and did not take this in time. Nothing was changed: try again in a moment.",
    "full": "The disk is full, so nothing can be saved. Nothing was changed: free some space, "
    "then try again.",
    "read_only": (
        "The database cannot be written to. Nothing was changed: check the rights of its folder, or with "
        "PostgreSQL that DATABASE_URL leads to the server that takes writes."
    ),
    "unreachable": "The database does not answer. Nothing was changed: try again when it runs.",
    "outdated": (
        "The database is not at the version of this program, or is empty. Bring it there first: "
        "flask --app webapp db upgrade"
    ),
    "too_new": (
        "A newer version of this program has upgraded the database, and this one cannot do this with it. "
        "Install the newer version here as well, or restore a backup that was made with this one."
    ),
}
DATABASE = Table(_DATABASE)
"""What a database suffers from: by its name in `webapp.store.database.trouble`, or of another version."""

_QUEUE_AWAY = mark(
    "The queue server (Redis) does not answer. What was stored stays stored, and its work is taken up "
    "when the server is back."
)


def queue_away() -> str:
    """The text that the queue server does not answer."""
    return gettext(_QUEUE_AWAY)
