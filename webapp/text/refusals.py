"""Why an action cannot be done now, and what to do about it."""

from typing import Any

from webapp.errors import Problem, RefusedError
from webapp.text.connection import connection
from webapp.text.operating import COMMANDS
from webapp.text.records.records import value_problem
from webapp.text.runs.runs import wait_reason
from webapp.text.sentence import kept_text, problem_text
from webapp.text.translated import Table, gettext

_UNTRUSTED = "The signature does not prove that this comes from HubSpot."

_REFUSALS: dict[str, str] = {
    "not_connected": (
        "HubSpot is not connected, or its connection does not work. An administrator can fix "
        "that on the Integrations page."
    ),
    # Runs.
    "busy": "Another {kind} works or waits, run {run_id}. Press again when it has ended.",
    "record_busy": "A {kind} of this record is about to begin. Press again when it is over.",
    "record_preview_busy": (
        "A preview of a {kind} of this record is about to begin. Press again when it is over."
    ),
    "not_continuable": (
        "This run cannot be continued: it goes on already, another one was started since, or the connection "
        "does not work yet."
    ),
    "just_ended": "The run that was open has just ended. Press again to start another.",
    "no_pull_yet": "Nothing can have been missed before a first Pull has finished.",
    "no_preview": "There is no finished preview here, so nothing was started.",
    "nothing_failing": "None of this fails any more.",
    "no_such_run": "There is no run {run_id}. Its log may have been cleared away.",
    "preview_wrote_nothing": "A preview has written nothing, so there is nothing to undo.",
    "not_over": "The run is not over yet. Cancel it, or wait for its end.",
    "waited_for": "It waited for {waiting_for}.",
    "scopes_would_do": "{message} Any of these would do: {scopes}.",
    # Records.
    "gone": "This record is no longer here.",
    "one_gone": "One of the two records is not here any more.",
    "value_gone": "This value, or its record, is not here any more.",
    "just_changed": "The record was changed just now. Look at it, then try again.",
    "one_just_changed": "One of the two was changed just now. Look at them again.",
    "kept_apart_meanwhile": (
        "Somebody has said meanwhile that two of them are not the same. Look at them again."
    ),
    "same_record": "A record cannot be merged into itself: choose another one.",
    "choose_two": "Choose at least two records, and which of them stays.",
    "not_all_linked": "Merging in HubSpot needs each of the records to be linked there.",
    "not_foreseen": "HubSpot does not answer just now, so nobody can say what it would keep. Try again.",
    "object_gone": "One of them is not in HubSpot any more. Pull the record, then look again.",
    "merge_not_kept": "This merge has already been taken back, or is so long ago that its log was cleared.",
    "does_not_fit": "The value does not fit any more: {problem}",
    "no_such_record": "There is no record {record_id} among the {object_type}.",
    "not_linked": "This record does not sync, so there is nothing to stop.",
    "not_stopped": "This record syncs already.",
    # One person.
    "neither_address_nor_number": "Give an e-mail address, or the number of a contact.",
    "nothing_kept": "Nothing is kept here about this person, unless they have an account: see People.",
    "file_exists": "{file} is there already. Name a file that is not.",
    # Deleting.
    "nothing_chosen": "None was chosen, or none of them is here any more, so nothing was done.",
    "no_such_change": "Choose what to do with these records.",
    "no_such_status": "Choose the status that they get.",
    "too_many_to_push": (
        "These are more than {limit} records. Narrow the list, or press Push on the Integrations page, which "
        "sends everything."
    ),
    "record_being_sent": "It is being sent to HubSpot at this moment. Delete it when that is over.",
    "company_has_contacts": (
        "The company still has contacts, {contacts:,} in all. Choose what happens to them: "
        "delete them too, or give them another company."
    ),
    "too_many_contacts": (
        "The company has {contacts:,} contacts. Above {limit:,} an administrator has to delete it, as a run."
    ),
    "company_goes_too": "That company is to be deleted as well. Choose another one for the contacts.",
    # Decisions about what waits for a person.
    "already_settled": "This has already been dealt with.",
    "no_such_company": "That company is not here any more. Choose another one.",
    "no_such_candidate": "That is not among the candidates any more. Look again, and choose one of them.",
    "already_linked": (
        "That record is linked to another one. Merge the two in HubSpot, or keep this one apart."
    ),
    "no_such_deletion": "There is no such privacy deletion.",
    # Files.
    "unreadable": "The file cannot be read as CSV: {place}. Nothing was stored.",
    "workbook": "it is a workbook. Save it as “CSV UTF-8” and import that",
    "no_text": "it is no text. Save it as “CSV UTF-8” and import that",
    "damaged_text": (
        "line {line} holds bytes that are no letters in UTF-8, while the others are. Save the file as “CSV "
        "UTF-8” once more"
    ),
    "not_decoded": "row {row} or one behind it holds bytes that are no letters in {encoding}",
    "giant_line": (
        "line {line} has more than {limit:,} characters. A line break is missing, or a quotation mark is not "
        "closed"
    ),
    "giant_cell": (
        "row {row} has a cell of more than {limit:,} characters. Shorten it, or close the quotation mark "
        "that it begins with"
    ),
    "open_quote": "a quotation mark in row {row} is not closed",
    "stray_quote": "row {row} has a quotation mark within a cell. Write it twice, and one around the cell",
    "bad_row": "row {row}: {detail}",
    "wrong_header": "{wrong}The first row names the columns; these fit: {fitting}, custom.NAME.",
    "unknown_columns": "Unknown columns: {names}. ",
    "named_twice": "Named twice: {names}. ",
    "too_many_columns": "It has {count:,} columns; at most {limit} are read. ",
    "empty_file": "The file is empty. ",
    "file_changed": "The file was changed while it was read. Nothing was stored: import it once more.",
    "book_changed": (
        "Records were changed here while the file was imported. Rows before row {row} are stored: import the "
        "file once more, and it goes on there."
    ),
    "no_file": "Choose a file first.",
    "no_rows": "The file has a header and no rows, so there is nothing to import.",
    "no_columns": "Say what at least one of the columns holds.",
    "columns_twice": "Several columns would be the same: {names}. Leave all but one of them out.",
    "file_gone": (
        "The file is not here any more. Files are deleted a week after somebody worked on them last."
    ),
    "not_checked": "The file was not checked yet, or something about it was changed since. Check it first.",
    "imported_already": "This file has already been imported. Check it once more to see what is left to "
    "import.",
    "rows_have_errors": "{count} rows have errors. Fix them, or import only the others.",
    "no_rules": "These are no rules: {detail}. `rules show` prints some that fit.",
    "no_mapping": "This is no mapping: {detail}. `mapping show` prints one that fits.",
    # People.
    "email_taken": "There is a user {email} already.",
    "password_too_short": "The password needs at least {limit} characters.",
    "password_too_long": "The password may have at most {limit:,} characters.",
    "password_common": ("This password is easy to guess. Choose another one, such as four unrelated words."),
    "password_about_person": "The password consists of your name or address. Choose another one.",
    "person_name": "A name has 1 to {limit} characters.",
    "person_email": "This is not an e-mail address: {detail}",
    "person_email_long": "An e-mail address has at most {limit} characters.",
    "no_time_zone": "There is no time zone {name}.",
    "no_language": "There is no language {name} here.",
    "no_such_user": "There is no user {email}.",
    "no_such_person": "There is no such person, or they were deactivated.",
    "last_administrator": (
        "This is the last administrator. First make somebody else an administrator who has already logged in."
    ),
    # Deliveries of webhook events.
    "no_secret": "Messages from HubSpot cannot be verified: HUBSPOT_CLIENT_SECRET is not set.",
    "no_signature": _UNTRUSTED,
    "wrong_signature": _UNTRUSTED,
    "bad_time": _UNTRUSTED,
    "too_old": _UNTRUSTED,
    "not_an_array": "The body must be a JSON array of webhook events.",
    # Mails.
    "mail_bad_certificate": (
        "The certificate of the mail server {place} is not trusted ({answer}), so nothing was sent. An "
        "administrator can give MAIL_SERVER the name for which it was made, or have this machine trust it "
        "(SSL_CERT_FILE)."
    ),
    "mail_server_elsewhere": (
        "It was taken up on a machine that has no MAIL_SERVER, though others have one. An administrator can "
        "set it there as well, and restart the workers."
    ),
    "mail_no_starttls": (
        "The mail server {place} offers no STARTTLS, which MAIL_USE_TLS asks for, so nothing was sent. An "
        "administrator can set MAIL_PORT to 587 or 465."
    ),
    **COMMANDS,
}
REFUSALS = Table(_REFUSALS)


def refusal(problem: Problem) -> str:
    """Why something is refused or has failed."""
    text = connection.refusal(problem)
    if text is not None:
        return text
    params = {name: _shown(name, value) for name, value in problem.params.items()}
    return problem_text(REFUSALS, Problem(problem.code, params))


def refused(error: RefusedError) -> str:
    """The text of an error that refuses an action."""
    return refusal(error.problem)


def refused_connection(error: RefusedError) -> str:
    """The text of an error that came while somebody connects."""
    return connection.refusal(error.problem, is_connecting=True) or refused(error)


def stored_text(text: str) -> str:
    """The text of a column that holds a problem; any other text is HubSpot's own and stays."""
    return kept_text(text, refusal)


def _shown(name: str, value: Any) -> Any:
    """A parameter as text: a problem within a problem, or what is waited for."""
    if name == "message":
        answer = connection.answer_text(value)
        return gettext("HubSpot said: %(answer)s", answer=answer) if isinstance(value, str) else answer
    if isinstance(value, Problem):
        return refusal(value) if value.code in REFUSALS else value_problem(value)
    if isinstance(value, list) and value and isinstance(value[0], Problem):
        return "".join(map(refusal, value))
    return wait_reason(value) if name == "waiting_for" else value
