"""Texts of an installation's check: each finding, and its remedy."""

from msgspec import Struct

from webapp.domain.operating.check import Finding
from webapp.text.reasons import Reason
from webapp.text.runs.machinery import TROUBLES
from webapp.text.sentence import filled

_WORKER_REMEDY = "Start python worker.py, and read its log if it ends again."

FINDINGS: dict[str, Reason] = {
    "settings_fit": Reason("Every setting fits, and none has an unknown name."),
    "setting_unknown": Reason(
        "{name} is no setting.", "Correct or remove it; docs/settings.md lists them all."
    ),
    "setting_unknown_near": Reason("{name} is no setting.", "Perhaps {near} was meant: correct the name."),
    "setting_quoted": Reason(
        "{name} begins and ends with a quotation mark, which is taken for a part of the value.",
        "Remove the marks: docker run --env-file, for one, does not take them off.",
    ),
    "secret_key_weak": Reason(
        "SECRET_KEY is short, or not random: whoever guesses it makes sessions of their own.",
        "Remove it, so that one is made in the instance folder; everybody logs in again.",
    ),
    "public_url_unencrypted": Reason(
        "PUBLIC_URL is no https address: passwords and sessions travel unencrypted.",
        "Serve this installation over https, behind a proxy, and set PUBLIC_URL to that address.",
    ),
    "keys_fit": Reason("The stored tokens can be read, and nobody else on this machine can read the keys."),
    "key_foreign": Reason(
        "ENCRYPTION_KEY is another one than that with which this database's tokens were encrypted.",
        "Copy the file encryption_key of the machine that connected HubSpot into the instance folder. Only "
        "if it is lost: flask --app webapp keys forget",
    ),
    "keys_unseen": Reason(
        "Whether they are the keys of the database cannot be seen until that is well.",
        "Mend what is said of database, then check again.",
    ),
    "several_keys": Reason(
        "ENCRYPTION_KEY has {keys} keys.",
        "Once every process runs with all of them: flask --app webapp keys rotate, then keep only the first.",
    ),
    "readable_by_others": Reason(
        "Others on this machine can read {file}.", "Take that right away: chmod go= {file}"
    ),
    "database_fits": Reason("{name}, at version {stored}."),
    "database_empty": Reason("{name} has no tables yet.", "Make them: flask --app webapp db upgrade"),
    "database_outdated": Reason(
        "{name} is at version {stored}; this program needs {newest}.",
        "Make a backup, then bring it there: flask --app webapp db upgrade",
    ),
    "database_newer": Reason(
        "{name} is at version {stored}, which this program ({newest}) does not know.",
        "Run the program that upgraded it. In the middle of an upgrade this is as it should be.",
    ),
    "database_unreachable": Reason(
        "The database does not answer: {answer}", "Start it, or correct DATABASE_URL."
    ),
    "database_full": Reason(
        "The disk of the database is full, so that it cannot even be read: {answer}",
        "Make room on it: all goes on by itself then.",
    ),
    "database_refuses": Reason(
        "The database can be read, and takes no writes: {answer}",
        "Make room on its disk, or let DATABASE_URL lead to the server that takes writes: all goes on by "
        "itself then.",
    ),
    "database_pooled": Reason(
        "A pooler stands before PostgreSQL, and statements are prepared, which get lost where it pools by "
        "transaction.",
        "Set DATABASE_PREPARED_STATEMENTS=off, unless it pools by session.",
    ),
    "redis_fits": Reason("{name} {version}; it keeps its data."),
    "redis_old": Reason("{name} {version} is old.", "Use Redis 7.2 or newer, or Valkey."),
    "redis_too_old": Reason(
        "{name} {version} is too old for the queues.", "Use Redis 7.2 or newer, or Valkey."
    ),
    "redis_forgets": Reason(
        "{name} {version} keeps nothing on its disk: after a restart queues are filled again from the "
        "database, which takes some seconds.",
        "Turn on appendonly, or let it be: nothing can be lost.",
    ),
    "redis_unreachable": Reason(
        "The queue server (Redis) does not answer, so nothing is synced: {answer}",
        "Start it, or correct REDIS_URL; on another machine it has to listen there, and wants a password.",
    ),
    "redis_refuses": Reason(
        "{name} {version} answers and takes nothing.",
        "Give it more memory (maxmemory) or disk, or name one in REDIS_URL that is no replica.",
    ),
    "redis_evicts": Reason(
        "{name} drops entries when its memory is full (maxmemory-policy {policy}), queued work too.",
        "Set maxmemory-policy to noeviction.",
    ),
    "clock_agrees": Reason("It agrees with {other}."),
    "clock_off": Reason(
        "It is {seconds} s {way}, seen from {other}.", "Let the machine keep its time by NTP (timedatectl)."
    ),
    "clock_unseen": Reason(
        "No other clock answers with which it could be compared.",
        "Mend what is said of hubspot, then check again.",
    ),
    "clock_wrong": Reason(
        "It is {seconds} s {way}, seen from {other}: HubSpot's messages are refused five minutes off.",
        "Let the machine keep its time by NTP (timedatectl).",
    ),
    "mail_no_server": Reason(
        "No MAIL_SERVER is set: mail is written to the log.",
        "Set MAIL_SERVER, MAIL_PORT and MAIL_DEFAULT_SENDER, so that invitations and reports reach people.",
    ),
    "mail_elsewhere": Reason(
        "No MAIL_SERVER is set on this machine, though others have one: mails that its workers take up wait.",
        "Set the mail settings here as they are set there, and restart the workers.",
    ),
    "mail_encrypted": Reason("{place} takes mail, over an encrypted connection."),
    "mail_local": Reason("{place} takes mail."),
    "mail_in_clear": Reason(
        "{place} takes mail, unencrypted.", "Set MAIL_PORT=587 and MAIL_USE_TLS=on, or MAIL_PORT=465."
    ),
    "mail_password_in_clear": Reason(
        "{place} takes mail, and the password travels to it unencrypted.",
        "Set MAIL_PORT=587 and MAIL_USE_TLS=on, or MAIL_PORT=465.",
    ),
    "mail_unreachable": Reason(
        "{place} does not answer: {answer}",
        "Check MAIL_SERVER and MAIL_PORT; many networks let nothing out on port 25, but 587 and 465.",
    ),
    "mail_no_starttls": Reason(
        "{place} offers no STARTTLS, which MAIL_USE_TLS asks for, so no mail is sent.",
        "Set MAIL_PORT=587, or MAIL_PORT=465, which is encrypted from the start.",
    ),
    "mail_bad_certificate": Reason(
        "The certificate of {place} is not trusted ({answer}), so no mail is sent.",
        "Set MAIL_SERVER to the name for which it was made, or have this machine trust it: on Debian, copy "
        "it to /usr/local/share/ca-certificates/NAME.crt and run update-ca-certificates, or name its file in "
        "SSL_CERT_FILE in the environment of web and workers.",
    ),
    "mail_login_refused": Reason(
        "{place} refuses the log-in: {answer}", "Check MAIL_USERNAME and MAIL_PASSWORD."
    ),
    "mail_sender_refused": Reason(
        "{place} takes no mail from {sender}: {answer}",
        "Set MAIL_DEFAULT_SENDER to an address from which it lets us send.",
    ),
    "mails_given_up": Reason(
        "{number} mails failed, or may not have arrived.",
        "See which and why, and try them again: flask --app webapp mail list, then mail retry.",
    ),
    "mail_refused": Reason("{place} refuses us: {answer}", "Ask whoever runs the mail server."),
    "hubspot_works": Reason("Portal {portal} answers, and all that is needed is granted."),
    "hubspot_reached": Reason(
        "{address} answers; no portal is connected.", "Connect one under Integrations, HubSpot."
    ),
    "hubspot_unseen": Reason(
        "{address} answers; the connected portal cannot be asked until {part} is well.",
        "Mend what is said of {part}, then check again.",
    ),
    "hubspot_unreachable": Reason(
        "{address} does not answer: {answer}",
        "Let this machine reach it over https; a proxy is taken from HTTPS_PROXY.",
    ),
    "hubspot_refused": Reason("Portal {portal}: {answer}", "Mend it under Integrations, HubSpot."),
    "scopes_missing": Reason(
        "Portal {portal} does not grant {scopes}.", "Grant them in HubSpot, then test the connection."
    ),
    "disk_has_room": Reason("{free_gb} GB of {total_gb} GB are free."),
    "disk_tight": Reason(
        "Only {free_gb} GB of {total_gb} GB are free.",
        "Make room before it is needed; backups take some, too.",
    ),
    "workers_work": Reason("{workers} worker processes live."),
    "workers_unseen": Reason(
        "Whether they work cannot be seen until redis is well.",
        "Mend what is said of redis, then check again.",
    ),
    "schedule_unseen": Reason(
        "Whether it is acted on cannot be seen until redis is well.",
        "Mend what is said of redis, then check again.",
    ),
    "schedule_acts": Reason("It was acted on {seconds} s ago."),
    "schedule_late": Reason("It was acted on {seconds} s ago for the last time.", _WORKER_REMEDY),
}
"""By the code of the finding."""


_REPEAT = "Then repeat this: it goes on where it stopped."

UPGRADES: dict[str, str] = {
    "unreachable": f"The database does not answer: start it, or correct DATABASE_URL. {_REPEAT}",
    "busy": f"Somebody uses the database: wait, or with SQLite stop the web and the workers. {_REPEAT}",
    "full": f"The disk is full: make room. {_REPEAT}",
    "read_only": f"The database takes no writes: give its owner that right. {_REPEAT}",
    "forbidden": (
        "Make the user of DATABASE_URL the owner of the database and of all in it: as a superuser, "
        f"ALTER DATABASE name OWNER TO user. {_REPEAT}"
    ),
}
"""What helps where an upgrade of the database ends, by the name of the trouble."""


NEWER_DATABASE = (
    "The database is at version {stored}, which this program ({newest}) does not know: a newer one has "
    "upgraded it. Install that one, or restore a backup that was made with this one. Nothing was changed."
)
"""Why an older program has nothing to upgrade."""
UPGRADE_BEHIND_POOLER = (
    "DATABASE_URL leads to a pooler, such as PgBouncer, which may give each step of an upgrade another "
    "connection. Set DATABASE_URL to the address of the server itself for this command. Nothing was changed."
)
"""Why an upgrade of the database asks for another address."""
WORKS_WITH_NEWER = (
    "A newer version of this program has upgraded the database. This one still works with it, but install "
    "the newer one here as well."
)
"""What an older program says that has done its work all the same."""


COMMANDS: dict[str, str] = {
    "mail_has_left": (
        "No mail {number} waits, failed or is uncertain. Those that do: flask --app webapp mail list"
    ),
    "nothing_to_back_up": "The database has no tables yet, so there is nothing to back up.",
    "backup_exists": "There is a file {file} already. Choose another name, or move it away.",
    "backup_unwritable": "{file} cannot be written: {answer}. Nothing was changed.",
    "file_unwritable": "{file} cannot be written: {answer}.",
    "backup_absent": "There is no file {file}. Nothing was changed.",
    "backup_unreadable": "{file} cannot be read: {answer}. Nothing was changed.",
    "backup_foreign": (
        "{file} was not made by flask backup, or was cut off or compressed since. Nothing was changed."
    ),
    "backup_damaged": "This backup is not whole ({file}: {answer}). Take another one. Nothing was changed.",
    "rows_missing": (
        "{file} does not hold as many rows as it should, in: {tables}. Do not rely on it, and report this."
    ),
    "behind_pooler": (
        "DATABASE_URL leads to a pooler, such as PgBouncer, and what copies a database would leave the "
        "connections that it shares unusable for the pages. Set DATABASE_URL to the address of the server "
        "itself for this command. Nothing was changed."
    ),
    "program_missing": (
        "{program} is not installed on this machine. It comes with PostgreSQL: on Debian or Ubuntu, "
        "apt-get install postgresql-client, in the version of the server or a newer one."
    ),
    "program_too_old": (
        "{program} is too old: {answer}. On Debian or Ubuntu, apt-get install postgresql-client-NN of the "
        "server's version or a newer one. Nothing was changed."
    ),
    "program_failed": "{program} has failed: {answer}.",
    "restore_failed": (
        "The database did not take the backup: {answer}. Nothing was changed: mend that, and restore again."
    ),
    "backup_of_other_kind": (
        "This is a backup of {made_of}, and DATABASE_URL names {here}. Restore it where DATABASE_URL names "
        "{made_of}. Nothing was changed."
    ),
    "backup_of_other_version": (
        "This backup holds a database of version {revision} (Twinbook {program}); this program works with "
        "{here}. Install the program that works with {revision}, restore there, then upgrade. Nothing was "
        "changed."
    ),
    "backup_key_missing": (
        "The ENCRYPTION_KEY here does not read the tokens of this backup, which has no key that does. Copy "
        "the file encryption_key of the machine that made it into the instance folder, or set ENCRYPTION_KEY "
        "to it, then restore again. If nobody has it any more, restore with --forget-tokens, and connect "
        "HubSpot again afterwards. Nothing was changed."
    ),
    "nothing_unreadable": (
        "The key here is that of the database, so nothing has to be forgotten. To change it: flask --app "
        "webapp keys rotate. Nothing was changed."
    ),
    "forget_needs_yes": "The tokens are forgotten only with --yes. Nothing was changed.",
    "key_set_elsewhere": (
        "ENCRYPTION_KEY is set to another key than that of the backup. Remove the setting, so that the key "
        "of the backup is kept in the instance folder, or set it to that key; then restore again. Nothing "
        "was changed."
    ),
    "workers_run": (
        "{workers} worker processes are at work. Stop the web and the workers first. Nothing was changed."
    ),
    "database_in_use": "Others use the database. Stop the web and the workers first. Nothing was changed.",
    "restore_needs_yes": (
        "This installation holds {rows:,} people, companies and contacts. With --yes they are replaced, and "
        "a backup of them stays in the instance folder."
    ),
}
"""Why a command for who runs an installation is refused."""


class FindingText(Struct, frozen=True):
    """A finding as it is read; the remedy is empty where there is nothing to do."""

    text: str
    remedy: str


def finding_text(finding: Finding) -> FindingText:
    """The text of a finding."""
    # Troubles behind the pages have the same texts here as on the pages.
    reason = FINDINGS.get(finding.code) or TROUBLES[finding.code]
    remedy = filled(reason.remedy, finding.params) if finding.level != "ok" else ""
    return FindingText(filled(reason.text, finding.params), remedy)
