"""The findings of an installation's check: each rule judges measurements that were taken elsewhere."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from msgspec import Struct

Level = Literal["ok", "warning", "error"]

OLDEST_REDIS = (5, 0)
"""Older servers lack commands that the queues use."""
PROVEN_REDIS = (7, 2)
"""From here on the client library is tested by its makers."""
CLOCK_WARNING_S = 5.0
CLOCK_ERROR_S = 120.0
"""HubSpot's signatures are refused five minutes off, and its tokens last thirty."""
LOW_DISK_SHARE = 0.10
SCHEDULE_LATE_S = 30.0
_REDIS_IS_MISSING = ("redis_unreachable", "redis_refuses")


class Finding(Struct, frozen=True):
    """One line of the check.

    Attributes:
        what: the part that was looked at.
        level: `ok`, `warning` where it works and should be mended or where an error of another part hides
            it, `error` where something does not work.
        code: stable name, under which `webapp.text.operating` has the text and the remedy.
        params: what the text names.
    """

    what: str
    level: Level
    code: str
    params: dict[str, Any] = {}


class RedisFacts(NamedTuple):
    """What a Redis server reports; `keeps_data` and `policy` are None if it does not report them.

    Attributes:
        version: as `7.2.4`, of the protocol that it speaks.
        name: `redis` or `valkey`.
        keeps_data: whether it writes what it holds to its disk.
        policy: what it does when its memory is full.
        takes_data: whether anything can be written to it.
    """

    version: str
    name: str
    keeps_data: bool | None
    policy: str | None
    takes_data: bool = True


MailState = Literal[
    "no_server",
    "reached",
    "unreachable",
    "no_starttls",
    "bad_certificate",
    "login_refused",
    "sender_refused",
    "refused",
]


class MailFacts(NamedTuple):
    """How the mail server answered.

    Attributes:
        state: how far it went.
        place: `HOST:PORT`.
        is_encrypted: whether the connection has to be.
        is_local: whether the server is on this machine.
        has_password: whether one is sent.
        answer: what the server or the system said.
        sender: the address that mail comes from.
    """

    state: MailState
    place: str = ""
    is_encrypted: bool = False
    is_local: bool = False
    has_password: bool = False
    answer: str = ""
    sender: str = ""


class Disk(NamedTuple):
    """A disk, in bytes."""

    free: int
    total: int


def of_settings(doubts: Sequence[tuple[str, str, str | None]]) -> list[Finding]:
    """A setting in doubt although its value fits: the kind of doubt, its name, and the likely right name."""
    found = [
        Finding("settings", "warning", f"{kind}_near" if near else kind, {"name": name, "near": near or ""})
        for kind, name, near in doubts
    ]
    return found or [Finding("settings", "ok", "settings_fit")]


def of_keys(
    keys: int, open_files: Sequence[str], *, is_foreign: bool = False, is_proven: bool = True
) -> list[Finding]:
    """Whether the keys are those of the database, how many, and which files others here may read.

    Args:
        keys: how many there are.
        open_files: those that others may read.
        is_foreign: whether they do not read what the database holds.
        is_proven: whether the database has told if they do.
    """
    found = [Finding("keys", "error", "key_foreign")] if is_foreign else []
    found += [Finding("keys", "error", "readable_by_others", {"file": name}) for name in open_files]
    if keys > 1:
        found.append(Finding("keys", "warning", "several_keys", {"keys": keys}))
    if not is_proven and not is_foreign:
        found.append(Finding("keys", "warning", "keys_unseen"))
    return found or [Finding("keys", "ok", "keys_fit")]


def of_database(
    name: str, stored: str | None, newest: str, *, is_outdated: bool, refusal: str = ""
) -> Finding:
    """Whether the database is at the version of this program, and takes writes.

    Args:
        name: what it is called.
        stored: its version; None if it has no tables.
        newest: the version of this program.
        is_outdated: whether this program does not work with it.
        refusal: what it has said to a write; empty if it takes them.
    """
    if refusal:
        return Finding("database", "error", "database_refuses", {"answer": refusal})
    params = {"name": name, "stored": stored or "", "newest": newest}
    if stored is None:
        return Finding("database", "error", "database_empty", params)
    if is_outdated:
        return Finding("database", "error", "database_outdated", params)
    if stored != newest:
        return Finding("database", "warning", "database_newer", params)
    return Finding("database", "ok", "database_fits", params)


def of_pooler(*, is_pooled: bool, prepares: bool) -> list[Finding]:
    """Whether statements are prepared although a pooler may change the connection below them."""
    return [Finding("database", "warning", "database_pooled")] if is_pooled and prepares else []


def of_redis(facts: RedisFacts) -> list[Finding]:
    """Whether the server is new enough, keeps its data, and drops none of it when it is full."""
    params = {"name": facts.name.capitalize(), "version": facts.version}
    version = tuple(int(part) if part.isdecimal() else 0 for part in facts.version.split(".")[:2])
    if version < OLDEST_REDIS:
        return [Finding("redis", "error", "redis_too_old", params)]
    if not facts.takes_data:
        return [Finding("redis", "error", "redis_refuses", params)]
    found = []
    if version < PROVEN_REDIS:
        found.append(Finding("redis", "warning", "redis_old", params))
    if facts.keeps_data is False:
        found.append(Finding("redis", "warning", "redis_forgets", params))
    if facts.policy not in (None, "noeviction"):
        found.append(Finding("redis", "error", "redis_evicts", params | {"policy": facts.policy}))
    return found or [Finding("redis", "ok", "redis_fits", params)]


def of_clocks(others: Sequence[tuple[str, float | None]]) -> list[Finding]:
    """Whether our clock agrees with the others; those that nobody could read have None."""
    found = [of_clock(other, ahead_s) for other, ahead_s in others if ahead_s is not None]
    return found or [Finding("clock", "warning", "clock_unseen")]


def of_clock(other: str, ahead_s: float) -> Finding:
    """Whether our clock agrees with another one; `ahead_s` is by how much ours is ahead."""
    params = {
        "other": other,
        "seconds": round(abs(ahead_s), 1),
        "way": "ahead" if ahead_s > 0 else "behind",
    }
    if abs(ahead_s) > CLOCK_ERROR_S:
        return Finding("clock", "error", "clock_wrong", params)
    if abs(ahead_s) > CLOCK_WARNING_S:
        return Finding("clock", "warning", "clock_off", params)
    return Finding("clock", "ok", "clock_agrees", params)


def of_mail(facts: MailFacts, *, leaves_elsewhere: bool = False) -> Finding:
    """Whether mail can leave, and whether a password goes over the network unencrypted.

    Args:
        facts: how the mail server answered.
        leaves_elsewhere: whether another machine has one, where this one has none.
    """
    params = {"place": facts.place, "answer": facts.answer, "sender": facts.sender}
    if facts.state == "no_server" and leaves_elsewhere:
        return Finding("mail", "error", "mail_elsewhere", params)
    if facts.state == "no_server":
        return Finding("mail", "warning", "mail_no_server", params)
    if facts.state != "reached":
        return Finding("mail", "error", f"mail_{facts.state}", params)
    if not facts.is_encrypted and not facts.is_local:
        code = "mail_password_in_clear" if facts.has_password else "mail_in_clear"
        return Finding("mail", "warning", code, params)
    return Finding("mail", "ok", "mail_encrypted" if facts.is_encrypted else "mail_local", params)


def of_given_up_mails(number: int) -> list[Finding]:
    """Whether mails have failed, which only the pages of their runs show."""
    return [Finding("mail", "warning", "mails_given_up", {"number": number})] if number else []


def missing_for_hubspot(database: Finding, redis: Sequence[Finding], *, is_foreign: bool) -> str | None:
    """The part that prevents calls to the portal: the database has its token, Redis counts its calls."""
    if database.level == "error":
        return "database"
    if is_foreign:
        return "keys"
    return "redis" if any(one.code in _REDIS_IS_MISSING for one in redis) else None


def of_scopes(portal_id: str, missing: Sequence[str]) -> Finding:
    """Whether the connection may do all that it has to."""
    if missing:
        return Finding("hubspot", "error", "scopes_missing", {"portal": portal_id, "scopes": list(missing)})
    return Finding("hubspot", "ok", "hubspot_works", {"portal": portal_id})


def of_disk(disk: Disk, low_bytes: int) -> Finding:
    """Whether there is room, of the whole disk and in bytes."""
    params = {"free_gb": round(disk.free / 1024**3, 1), "total_gb": round(disk.total / 1024**3, 1)}
    if disk.free < low_bytes:
        return Finding("disk", "error", "disk_low", params)
    if disk.free < disk.total * LOW_DISK_SHARE:
        return Finding("disk", "warning", "disk_tight", params)
    return Finding("disk", "ok", "disk_has_room", params)


def of_workers(workers: int, troubles: Sequence[str]) -> Finding:
    """Whether every queue is worked off; a worker that has ended is missed for its queues a little later."""
    if not workers or "no_worker" in troubles:
        return Finding("workers", "error", "no_worker")
    return Finding("workers", "ok", "workers_work", {"workers": workers})


def of_unseen_processes() -> list[Finding]:
    """The findings about workers and schedule without Redis, which has their signs of life."""
    return [
        Finding("workers", "warning", "workers_unseen"),
        Finding("schedule", "warning", "schedule_unseen"),
    ]


def of_schedule(age_s: float | None) -> Finding:
    """Whether somebody acted on the schedule lately; None if nobody ever did."""
    if age_s is None:
        return Finding("schedule", "error", "no_schedule")
    params = {"seconds": round(age_s)}
    if age_s > SCHEDULE_LATE_S:
        return Finding("schedule", "error", "schedule_late", params)
    return Finding("schedule", "ok", "schedule_acts", params)


def has_failed(findings: Sequence[Finding]) -> bool:
    """Whether something does not work."""
    return any(one.level == "error" for one in findings)
