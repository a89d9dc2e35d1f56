"""Texts about a run: its kind and state, what it waits for, why it failed, how long it took."""

import json

from webapp.domain.runs.many_held import Held
from webapp.text.connection.connection import stored_answer
from webapp.text.reasons import Reason
from webapp.text.translated import Table, gettext, mark, number_text, percent_text

_KINDS: dict[str, str] = {
    "pull": "Pull",
    "push": "Push",
    "pull_record": "Pull of one record",
    "push_record": "Push of one record",
    "refresh": "Refresh",
    "decisions": "Decisions",
    "auto_push": "Automatic push",
    "reconcile": "Check for missed changes",
    "check": "Check of new records",
    "find_duplicates": "Scan for duplicates",
    "merge_duplicates": "Merge of duplicates",
    "undo": "Undo",
    "delete": "Deletion",
    "delete_record": "Deletion of one record",
    "import": "Import",
    "change": "Bulk change",
}
KINDS = Table(_KINDS)
_NOT_THE_SAME = mark("Duplicates kept apart")
"""What such a decision about many possible duplicates is called, which is of the kind of a merge."""
_STATES: dict[str, str] = {
    "queued": "Queued",
    "running": "Running",
    "finished": "Finished",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
STATES = Table(_STATES)
_TRIGGERS: dict[str, str] = {
    "button": "Button",
    "command": "Command line",
    "schedule": "Schedule",
    "notice": "HubSpot's message",
    "edit": "Edit here",
}
TRIGGERS = Table(_TRIGGERS)

_WAIT_REASONS: dict[str, str] = {
    "queue": "a worker to take it up",
    "daily_limit": "HubSpot's daily call limit to reset (asked again every quarter of an hour)",
    "rate_limit": "HubSpot's call limit",
    "search_limit": "HubSpot's limit on searches",
    "lock": "HubSpot to unlock the records it is working on",
    "migration": "HubSpot to finish moving the account between its data centres",
    "hubspot_unreachable": "HubSpot to answer again",
    "hubspot_trouble": "HubSpot to recover from an error of its own",
    "redis": "the queue server (Redis) to answer again",
    "token_renewal": "another worker to renew the access to HubSpot",
    "comparison": "a comparison of everything, since this database is older than what it made in HubSpot",
    "approval": "an administrator to allow what it would change",
    "database": "the database to accept writes again",
    "missing_scopes": "a permission that the connection lacks",
    "account_moved": "HubSpot to serve the account again where it is called",
    "plan_expired": "the HubSpot account's plan to be renewed",
    "account_refused": "HubSpot to serve the account again",
    "app_refused": "HubSpot to accept the app's id and secret",
    "tls_trouble": "a certificate of HubSpot's that can be trusted",
    "other_key": "a worker that has the ENCRYPTION_KEY of the database",
    "other_version": "a worker of the version of Twinbook that has begun it",
    "progress": "a while, since it made no progress",
    "blocked": "what stands between Twinbook and HubSpot to let calls pass",
    "refused": "HubSpot to accept what it refused",
    "disconnected": "a connection that can be used",
    "unexpected": "another try, since something unexpected went wrong",
}
WAIT_REASONS = Table(_WAIT_REASONS)
"""What a run waits for: `Waiting for …`."""

_WAIT_ENDS: dict[str, str] = {
    "comparison": "It goes on once that has finished. Where automatic sync is paused, somebody has to "
    "start it: Compare everything, on the Integrations page.",
    "other_key": "It goes on once such a worker runs: start one with that key.",
    "other_version": "It goes on once such a worker runs: finish the update, or go back to that version.",
}
WAIT_ENDS = Table(_WAIT_ENDS)
"""What ends a wait that time alone does not end."""

_OF_ACCOUNT: dict[str, Reason] = {
    "account_moved": Reason(
        "The HubSpot account has moved: HubSpot does not serve it where it was called.",
        "Compare HUBSPOT_API_URL with the account's data centre, then press Test connection on the "
        "Integrations page; if that does not help, connect again there.",
    ),
    "plan_expired": Reason(
        "The HubSpot account's plan has ended.",
        "Renew it in HubSpot, then press Test connection on the Integrations page.",
    ),
    "account_refused": Reason(
        "HubSpot does not serve this account at present.",
        "Look at the account in HubSpot, then press Test connection on the Integrations page.",
    ),
    "app_refused": Reason(
        "HubSpot refuses the app, and does not renew the access.",
        "Compare HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET with the app in HubSpot, correct them, and "
        "restart Twinbook.",
    ),
    "tls_trouble": Reason(
        "HubSpot's certificate cannot be trusted.",
        "Check HUBSPOT_API_URL, the clock of this machine, and whether a proxy on the way needs its own "
        "certificate authority (REQUESTS_CA_BUNDLE).",
    ),
}

_REFUSED: dict[str, Reason] = {
    "missing_scopes": Reason(
        "The connection lacks a permission that this needs.",
        "Grant it to the app in HubSpot, then press Test connection on the Integrations page; "
        "if that does not help, connect again there.",
    ),
    **_OF_ACCOUNT,
    "blocked": Reason(
        "Calls to HubSpot are refused without a word of HubSpot's, as by a firewall or a proxy on the way.",
        "Have that let calls to HubSpot pass, then press Test connection on the Integrations page.",
    ),
    "refused": Reason("HubSpot refused the request.", "Read its answer; if it persists, report it."),
    "disconnected": Reason("The connection cannot be used.", "Fix it on the Integrations page."),
    "unexpected": Reason("Something unexpected went wrong.", "If it repeats, report it with the details."),
}
REFUSED = Table(_REFUSED)
"""Why an automatic run waits that was refused: it is tried again less and less often."""

_RUN_ERRORS: dict[str, Reason] = {
    "reconnect": Reason(
        "HubSpot no longer accepts the connection's token.",
        "Reconnect on the Integrations page, then start the run again: what was done stays done.",
    ),
    "missing_scopes": Reason(
        "The connection lacks a permission that this needs.",
        "Grant the missing scopes in HubSpot and reconnect on the Integrations page.",
    ),
    **_OF_ACCOUNT,
    "refused": Reason("HubSpot refused the request.", "Read its answer; if it persists, report it."),
    "waited_too_long": Reason(
        "It waited a whole day without getting further.",
        "Find out what it waited for, then start it again: what was done stays done. An automatic run begins "
        "again without you.",
    ),
    "disconnected": Reason("The portal was disconnected while it ran.", "Reconnect, then start it again."),
    "file_gone": Reason(
        "The file is not here any more: it was deleted, or nobody had worked on it for a week.",
        "Upload it once more. Rows that were imported from it before are not stored twice.",
    ),
    "book_changed": Reason(
        "Records were changed here while the file was imported, and one of its rows has an error now.",
        "Check the file once more, then import it: rows that were imported already are not stored twice.",
    ),
    "gone": Reason("HubSpot does not have the record any more.", "There is nothing left to decide."),
    "unexpected": Reason(
        "Something unexpected went wrong.",
        "Start it again: what was done stays done. If it repeats, report it with the details.",
    ),
}
RUN_ERRORS = Table(_RUN_ERRORS)
"""Why a run failed: what happened, and the remedy."""

_FORMER_ERRORS: dict[str, Reason] = {
    "interrupted": Reason(
        "It was cut off before its end.",
        "Nothing to do: what it left was taken up again by a later run.",
    ),
}
FORMER_ERRORS = Table(_FORMER_ERRORS)
"""The same of runs of earlier versions, which stay in the log."""

_MAIL_EXPLANATIONS: dict[str, str] = {
    "no_server": "No mail server is set, so it is shown in the application's log.",
}
MAIL_EXPLANATIONS = Table(_MAIL_EXPLANATIONS)
"""Texts beside a mail's state; anything else is the mail server's own text."""

_LEFT_OUT: dict[str, str] = {
    "record_left_out": "HubSpot's answer left the record out.",
    "association_left_out": "HubSpot's answer left the association out.",
}
LEFT_OUT = Table(_LEFT_OUT)
"""Texts of an entry's `error` that is a code of ours; anything else is HubSpot's own text."""

# From here on, decimals of a rate are noise.
_WHOLE_RATE = 10
# From here on a run is `almost done`.
_ALMOST_DONE_S = 3
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def kept_apart_name() -> str:
    """The name of a run that keeps possible duplicates apart, which is of the same kind as a merge."""
    return gettext(_NOT_THE_SAME)


def wait_reason(waiting_for: str) -> str:
    """The text of what a run waits for."""
    return WAIT_REASONS.get(waiting_for, waiting_for)


def wait_end(waiting_for: str) -> str:
    """What ends such a wait, as a sentence: time alone, or what somebody has to do."""
    return WAIT_ENDS.get(waiting_for) or gettext("It goes on by itself.")


def run_error(error: str) -> Reason:
    """Why a run failed, and what can be done about it."""
    return RUN_ERRORS.get(error) or FORMER_ERRORS.get(error, Reason(error))


def record_error(error: str) -> str:
    """HubSpot's error about a record, or that its answer left the record out."""
    return LEFT_OUT.get(error) or _spoken(stored_answer(error))


def _spoken(answer: str) -> str:
    """The sentences of an answer that ends with a list for programs; any other one as it is.

    Source: what HubSpot says of values that it does not take:
    `Property values were not valid: [{"isValid": false, "message": "…", …}]`.
    """
    head, bracket, listed = answer.partition(": [")
    try:
        problems = json.loads(f"[{listed}") if bracket else []
        sentences = [str(one.get("localizedErrorMessage") or one["message"]) for one in problems]
    except (ValueError, TypeError, AttributeError, KeyError):
        return answer
    return f"{head}: {'; '.join(sentences)}" if sentences else answer


def mail_explanation(note: str) -> str:
    """The text beside a mail's state."""
    return MAIL_EXPLANATIONS.get(note, note)


def duration_text(seconds: float) -> str:
    """A duration in its two largest units."""
    whole = round(seconds)
    if whole < 1:
        return gettext("under 1 s")
    if whole < _MINUTE_S:
        return gettext("%(seconds)s s", seconds=whole)
    if whole < _HOUR_S:
        return _two_units(whole, (_MINUTE_S, gettext("min")), (1, gettext("s")))
    if whole < _DAY_S:
        return _two_units(whole, (_HOUR_S, gettext("h")), (_MINUTE_S, gettext("min")))
    return _two_units(whole, (_DAY_S, gettext("d")), (_HOUR_S, gettext("h")))


def almost_done(left_s: float) -> bool:
    """Whether so little is left that a number of seconds would only flicker."""
    return left_s <= _ALMOST_DONE_S


def rate_text(per_s: float) -> str:
    """A rate with as many digits as mean something."""
    return number_text(round(per_s) if per_s >= _WHOLE_RATE else round(per_s, 1))


def many_held_text(held: Held, *, is_preview: bool) -> str:
    """The text that a run leaves very much to people."""
    given = {
        "held": number_text(held.held),
        "total": number_text(held.total),
        "share": percent_text(held.held / held.total),
    }
    if is_preview:
        return gettext("%(held)s of %(total)s records (%(share)s) would wait for a decision.", **given)
    return gettext("%(held)s of %(total)s records (%(share)s) wait for a decision.", **given)


def _two_units(seconds: int, in_large: tuple[int, str], in_small: tuple[int, str]) -> str:
    (large_s, large), (small_s, small) = in_large, in_small
    rest = seconds % large_s // small_s
    return f"{seconds // large_s} {large} {rest} {small}" if rest else f"{seconds // large_s} {large}"
