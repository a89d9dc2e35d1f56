"""Texts about the database and the queue server in trouble, on pages and on the command line."""

TROUBLES: dict[str, str] = {
    "busy": "The database is busy and did not take this in time. Nothing was changed: try again in a moment.",
    "full": "The disk is full, so nothing can be stored. Nothing was changed: make room, then try again.",
    "read_only": "The database cannot be written to. Nothing was changed: check the rights of its folder.",
    "unreachable": "The database does not answer. Nothing was changed: try again when it runs.",
    "outdated": (
        "The database is not at the version of this program, or is empty. Bring it there first: "
        "flask --app webapp db upgrade"
    ),
}
"""What a database suffers from, by its name in `webapp.store.database.trouble`."""

QUEUE_AWAY = (
    "The queue server (Redis) does not answer. What was stored stays stored, and its work is taken up "
    "when the server is back."
)
