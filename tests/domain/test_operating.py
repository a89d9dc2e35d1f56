"""What a check makes of what was measured, and whether a backup may be restored here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from webapp.domain.operating import check
from webapp.domain.operating.check import Disk, Finding, MailFacts, RedisFacts
from webapp.domain.operating.manifest import Manifest, lost, obstacle


def judged(*findings: Finding) -> list[tuple[str, str]]:
    return [(one.level, one.code) for one in findings]


@pytest.mark.parametrize(
    ("stored", "is_outdated", "expected"),
    [
        ("0046", False, ("ok", "database_fits")),
        ("0040", True, ("error", "database_outdated")),
        ("0099", False, ("warning", "database_newer")),
        (None, True, ("error", "database_empty")),
    ],
)
def test_a_database_has_to_be_at_the_version_of_the_program(
    stored: str | None, *, is_outdated: bool, expected: tuple[str, str]
) -> None:
    assert judged(check.of_database("SQLite", stored, "0046", is_outdated=is_outdated)) == [expected]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (RedisFacts("7.2.4", "redis", True, "noeviction"), [("ok", "redis_fits")]),
        (RedisFacts("7.2.4", "redis", None, None), [("ok", "redis_fits")]),
        (RedisFacts("6.2.1", "redis", True, "noeviction"), [("warning", "redis_old")]),
        (RedisFacts("4.0.9", "redis", True, "noeviction"), [("error", "redis_too_old")]),
        (RedisFacts("10.1", "valkey", False, "noeviction"), [("warning", "redis_forgets")]),
        (RedisFacts("8.0.0", "redis", True, "allkeys-lru"), [("error", "redis_evicts")]),
        (RedisFacts("8.0.0", "redis", True, "noeviction", takes_data=False), [("error", "redis_refuses")]),
    ],
)
def test_a_queue_server_has_to_be_new_and_to_drop_nothing(
    facts: RedisFacts, expected: list[tuple[str, str]]
) -> None:
    assert judged(*check.of_redis(facts)) == expected


@pytest.mark.parametrize(
    ("ahead_s", "expected"),
    [(0.4, "ok"), (-4.9, "ok"), (6, "warning"), (-100, "warning"), (121, "error"), (-3600, "error")],
)
def test_a_clock_may_be_off_by_seconds_and_not_by_minutes(ahead_s: float, expected: str) -> None:
    assert check.of_clock("HubSpot", ahead_s).level == expected


def test_workers_that_have_just_ended_do_not_work() -> None:
    assert judged(check.of_workers(1, [])) == [("ok", "workers_work")]
    assert judged(check.of_workers(0, [])) == [("error", "no_worker")]
    assert judged(check.of_workers(1, ["no_worker"])) == [("error", "no_worker")]


def test_a_clock_with_none_beside_it_is_no_clock_that_agrees() -> None:
    assert judged(*check.of_clocks([("HubSpot", None), ("PostgreSQL", 0.1)])) == [("ok", "clock_agrees")]
    assert judged(*check.of_clocks([("HubSpot", None)])) == [("warning", "clock_unseen")]


def test_a_clock_that_is_off_says_which_way() -> None:
    assert [check.of_clock("HubSpot", seconds).params["way"] for seconds in (9, -9)] == ["ahead", "behind"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (MailFacts("no_server"), ("warning", "mail_no_server")),
        (MailFacts("reached", is_encrypted=True), ("ok", "mail_encrypted")),
        (MailFacts("reached", is_local=True), ("ok", "mail_local")),
        (MailFacts("reached"), ("warning", "mail_in_clear")),
        (MailFacts("reached", has_password=True), ("warning", "mail_password_in_clear")),
        (MailFacts("unreachable"), ("error", "mail_unreachable")),
        (MailFacts("login_refused"), ("error", "mail_login_refused")),
        (MailFacts("bad_certificate"), ("error", "mail_bad_certificate")),
    ],
)
def test_mail_has_to_leave_and_not_to_be_read_on_its_way(facts: MailFacts, expected: tuple[str, str]) -> None:
    assert judged(check.of_mail(facts)) == [expected]


@pytest.mark.parametrize(
    ("free_gb", "expected"), [(50, "disk_has_room"), (9, "disk_tight"), (0.4, "disk_low")]
)
def test_a_disk_has_to_have_room(free_gb: float, expected: str) -> None:
    disk = Disk(int(free_gb * 1024**3), 100 * 1024**3)
    assert check.of_disk(disk, 500 * 1024**2).code == expected


def test_the_schedule_has_to_be_acted_on() -> None:
    found = [check.of_schedule(age_s) for age_s in (2.0, 45.0, None)]
    assert [one.code for one in found] == ["schedule_acts", "schedule_late", "no_schedule"]
    assert check.has_failed(found)
    assert not check.has_failed(found[:1])


def manifest(**values: object) -> Manifest:
    given = {"program": "1.0", "revision": "0046", "database": "sqlite", "made_at": datetime.now(UTC)}
    return Manifest(**{**given, "counts": {}, "files": {}, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"database": "postgresql"}, "backup_of_other_kind"),
        ({"revision": "0040"}, "backup_of_other_version"),
        ({"revision": "0099"}, "backup_of_other_version"),
    ],
)
def test_a_backup_is_restored_to_the_same_kind_and_version(
    values: dict[str, object], expected: str | None
) -> None:
    found = obstacle(manifest(**values), database="sqlite", revision="0046")
    assert (found.code if found else None) == expected


def test_what_was_lost_is_named() -> None:
    assert lost({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 1, "d": 0}) == ["b", "c", "d"]
