"""The page of benchmarks says what the raw results say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.result import FOLDER, Measured, Result, of_run, read_all, write
from bench.table import Figure

BEGAN = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


def result(
    day: int, *figures: tuple[str, str, str], void: tuple[str, ...] = (), by: str | None = None
) -> Result:
    return Result(
        measured_at=f"2026-11-{day} 10:00",
        commit=f"{day}{day}{day}a",
        machine="2 cores",
        command="python -m bench",
        figures=[Measured(part, name, measured) for part, name, measured in figures],
        void_parts=list(void),
        transcribed_from=by,
    )


def shown(results: list[Result], part: str) -> dict[str, str]:
    return {name: one.measured for name, (one, _) in report.latest(results, part).items()}


def test_the_table_of_the_page_is_what_the_raw_results_make() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    table = page.split(report.BEGIN + "\n")[1].split(report.END)[0]
    assert table == report.table(read_all())


def test_no_figure_of_a_raw_result_is_lost_for_its_part_or_its_name() -> None:
    for result in read_all():
        keys = [(one.part, one.name) for one in result.figures]
        assert len(keys) == len(set(keys)), result.file_name
        assert {report.present_part(part) for part, _ in keys} <= report.PARTS.keys(), result.file_name


def test_a_raw_result_is_named_by_its_time_and_its_commit() -> None:
    files = {path.name for path in (FOLDER).iterdir()}
    assert files == {one.file_name for one in read_all()}


def test_what_a_run_measured_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    figures = {
        "pull": [Figure("first pull", "14.6 s", "≤ 20 s", is_met=True)],
        "plan": [Figure("plan", "1 ms")],
    }
    written = of_run(BEGAN, figures, command="python -m bench all", load=0.31, void_parts=["pull"])
    path = write(written, tmp_path)
    assert path.name == f"2026-11-29-1230-{written.commit}.json"
    assert read_all(tmp_path) == [written]
    assert [(one.part, one.name) for one in written.figures] == [("pull", "first pull"), ("plan", "plan")]
    again = of_run(BEGAN, {"plan": [Figure("plan", "2 ms")]}, command="python -m bench plan", load=0.31)
    assert write(again, tmp_path) == path
    assert [(one.name, one.measured) for one in read_all(tmp_path)[0].figures] == [
        ("first pull", "14.6 s"),
        ("plan", "2 ms"),
    ]
    assert (written.load, written.transcribed_from) == (0.3, None)


def test_a_run_of_the_bench_replaces_all_earlier_figures_of_its_part() -> None:
    old = result(1, ("pull", "first", "20 s"), ("pull", "renamed since", "3 s"), ("push", "push", "30 s"))
    new = result(2, ("pull", "first", "14 s"))
    assert shown([old, new], "pull") == {"first": "14 s"}
    assert shown([old, new], "push") == {"push": "30 s"}


def test_transcribed_figures_replace_only_those_of_the_same_name() -> None:
    old = result(1, ("pull", "first", "20 s"), ("pull", "memory", "10 MiB"), by="a page")
    new = result(2, ("pull", "first", "14 s"), by="a page")
    assert shown([old, new], "pull") == {"first": "14 s", "memory": "10 MiB"}


def test_figures_beside_a_floor_that_was_too_slow_are_not_shown() -> None:
    good = result(1, ("pull", "first", "14 s"))
    void = result(2, ("pull", "first", "99 s"), ("push", "push", "30 s"), void=("pull",))
    assert shown([good, void], "pull") == {"first": "14 s"}
    assert shown([good, void], "push") == {"push": "30 s"}


def test_a_transcribed_figure_is_marked_in_its_row() -> None:
    measured, transcribed = result(1, ("pull", "a", "1 s")), result(2, ("push", "b", "2 s"), by="a page")
    rows = report.table([measured, transcribed]).splitlines()
    assert [row.split(" | ")[-1] for row in rows if row.startswith(("| a ", "| b "))] == [
        "`111a` |",
        "by `222a` |",
    ]
