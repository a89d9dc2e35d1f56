"""What depends on a run's kind, and what a run was asked for (B13, B26)."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.domain.runs.kinds import (
    BULK_NAMES,
    KINDS,
    is_automatic,
    kind_of,
    needs_portal,
    options_of,
    queue_of,
    side_of,
)
from webapp.domain.runs.options import (
    BulkOptions,
    FailureSelection,
    MergeDuplicatesOptions,
    PullOptions,
    PullRecordOptions,
    PushOptions,
    PushRecordOptions,
    ReconcileOptions,
    RunOptions,
    UndoOptions,
    as_data,
)

# What scripts and the log rely on.
PROMISED = {"pull", "push", "refresh", "auto_push", "reconcile", "undo"}
# Named to scripts that have requested one; no script that has not meets it unless somebody else has.
ADDED = {"delete", "import", "change"}


def test_scripts_are_told_no_other_kinds_than_were_promised() -> None:
    assert {kind.script_name for kind in KINDS.values()} == PROMISED | ADDED
    assert all(KINDS[name].script_name == name for name in PROMISED | ADDED)
    assert kind_of("decisions").script_name == "refresh"


def test_what_changes_much_shares_the_one_place_for_bulk_work() -> None:
    assert set(BULK_NAMES) == {"pull", "push", "undo", "delete", "merge_duplicates", "change"}
    assert all(kind_of(name).queue == "bulk" for name in BULK_NAMES)


def test_of_all_kinds_only_a_push_sends_a_mail() -> None:
    assert [kind.name for kind in KINDS.values() if kind.sends_mail] == ["push"]


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("pull", "bulk"),
        ("push", "bulk"),
        ("undo", "bulk"),
        ("merge_duplicates", "bulk"),
        ("find_duplicates", "bulk"),
        ("pull_record", "now"),
        ("push_record", "now"),
        ("refresh", "refresh"),
        ("decisions", "refresh"),
        ("auto_push", "refresh"),
        ("reconcile", "refresh"),
    ],
)
def test_what_a_person_waits_for_goes_before_what_has_changed_and_that_before_bulk_work(
    name: str, queue: str
) -> None:
    kind = kind_of(name)
    assert queue_of(kind, kind.options()) == queue


def test_a_comparison_of_everything_is_bulk_work() -> None:
    assert queue_of(kind_of("reconcile"), ReconcileOptions(is_full=True)) == "bulk"


def test_every_kind_without_bulk_work_or_a_record_has_a_run_of_the_hour() -> None:
    hourly = {kind.name: kind.hourly_trigger for kind in KINDS.values() if kind.hourly_trigger}
    assert hourly == {
        "refresh": "notice",
        "decisions": "schedule",
        "auto_push": "edit",
        "reconcile": "schedule",
        "check": "schedule",
    }
    assert all(is_automatic(trigger) for trigger in hourly.values())
    assert not is_automatic("button")
    assert not is_automatic("command")


def test_a_run_writes_where_its_records_go_and_an_undo_where_the_undone_run_wrote() -> None:
    there = {name for name, kind in KINDS.items() if side_of(kind, kind.options()) == "there"}
    assert there == {"push", "push_record", "auto_push", "check"}
    assert side_of(kind_of("undo"), UndoOptions(side="there")) == "there"
    assert side_of(kind_of("undo"), UndoOptions(side="here")) == "here"


@pytest.mark.parametrize(
    ("name", "data", "options"),
    [
        ("pull", {"fields": {"companies": ["city"]}}, PullOptions(fields={"companies": ["city"]})),
        ("push", {"failing": {}}, PushOptions(failing=FailureSelection())),
        (
            "push",
            {"failing": {"reason": "invalid_email"}, "preview_id": 3},
            PushOptions(failing=FailureSelection(reason="invalid_email"), preview_id=3),
        ),
        (
            "push",
            {"records": {"companies": [], "contacts": [4]}},
            PushOptions(records={"companies": [], "contacts": [4]}),
        ),
        (
            "push_record",
            {"object_type": "contacts", "record_id": 4, "clears": ["city"]},
            PushRecordOptions(object_type="contacts", record_id=4, clears=("city",)),
        ),
        (
            "pull_record",
            {"record_id": 4, "object_type": "contacts", "keeps_edits": True},
            PullRecordOptions(object_type="contacts", record_id=4, keeps_edits=True),
        ),
        ("reconcile", {"is_full": True}, ReconcileOptions(is_full=True)),
        (
            "undo",
            {"run_id": 7, "run_kind": "push", "side": "there", "archives": True},
            UndoOptions(run_id=7, run_kind="push", side="there", archives=True),
        ),
        ("decisions", {}, RunOptions()),
        (
            "merge_duplicates",
            {"object_type": "contacts", "records": [3, 4], "stays": 4, "values_from": {"email": 3}},
            MergeDuplicatesOptions(object_type="contacts", records=(3, 4), stays=4, values_from={"email": 3}),
        ),
    ],
)
def test_options_are_read_as_they_were_written(name: str, data: dict[str, Any], options: RunOptions) -> None:
    assert options_of(name, data) == options
    assert options_of(name, as_data(options)) == options


@pytest.mark.parametrize("name", KINDS)
def test_options_of_old_rows_are_read_whatever_they_lack_or_have_too_much(name: str) -> None:
    """A row is read years later: what was not asked then, and what nobody asks any more."""
    kind = kind_of(name)
    assert options_of(name, {}) == kind.options()
    assert options_of(name, {"question": {"changed": 3}, "is_allowed": True, "x": 1}) == kind.options()


def test_what_is_as_usual_takes_no_room_in_a_row() -> None:
    assert as_data(PullRecordOptions(object_type="contacts", record_id=4)) == {
        "object_type": "contacts",
        "record_id": 4,
    }
    assert as_data(PullOptions()) == {}


def test_pull_and_push_alone_can_be_about_some_fields() -> None:
    assert {name for name, kind in KINDS.items() if issubclass(kind.options, BulkOptions)} == {"pull", "push"}


def test_only_what_asks_nothing_of_hubspot_does_without_a_connection() -> None:
    local = {kind.name for kind in KINDS.values() if not needs_portal(kind, kind.options())}
    assert local == {"change", "delete", "delete_record", "import", "undo"}
    assert needs_portal(kind_of("undo"), UndoOptions(run_id=1, side="there"))
