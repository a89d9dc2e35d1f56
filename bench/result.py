"""Raw results: one JSON file in `bench/results/` for each run of the bench, never changed afterwards."""

import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from bench import machine
from bench.table import Figure

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "bench" / "results"
_MEASURED_CODE = ("webapp", "sandbox", "bench", "templates")


class Measured(Struct, frozen=True):
    """One figure of a run, with the part of the bench that measured it."""

    part: str
    name: str
    measured: str
    aim: str = ""
    is_met: bool | None = None


class Result(Struct, frozen=True, kw_only=True):
    """What one run of the bench measured.

    Attributes:
        measured_at: when it began, local time, to the minute.
        commit: the code that was measured, with `-changed` where it had uncommitted changes.
        machine: cores, memory, system and Python.
        command: what was run.
        figures: the figures, in the order of the printed table.
        load: the machine's load before the run; None where it is not known.
        void_parts: parts whose floor was too slow for their figures to mean anything.
        transcribed_from: where the figures were copied from; None for a result that the bench wrote itself.
            `commit` is then the first one that states them.
    """

    measured_at: str
    commit: str
    machine: str
    command: str
    figures: list[Measured]
    load: float | None = None
    void_parts: list[str] = []
    transcribed_from: str | None = None

    @property
    def file_name(self) -> str:
        """`DATE-TIME-COMMIT.json`, so that names sort by time."""
        return f"{self.measured_at.replace(' ', '-').replace(':', '')}-{self.commit}.json"


def of_run(
    began: datetime,
    figures: Mapping[str, Sequence[Figure]],
    *,
    command: str,
    load: float,
    void_parts: Sequence[str] = (),
) -> Result:
    """A run's figures, by part, as a result of the code and the machine at hand."""
    return Result(
        measured_at=f"{began:%Y-%m-%d %H:%M}",
        commit=_commit(),
        machine=machine.described(),
        load=round(load, 1),
        command=command,
        figures=[
            Measured(part, one.name, one.measured, one.aim, one.is_met)
            for part, found in figures.items()
            for one in found
        ],
        void_parts=list(void_parts),
    )


def write(result: Result, folder: Path = FOLDER) -> Path:
    """Write a raw result; the file's path. Other parts that began in the same minute stay in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / result.file_name
    if path.exists():
        result = _beside(msgspec.json.decode(path.read_bytes(), type=Result), result)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    return path


def _beside(before: Result, after: Result) -> Result:
    parts = {one.part for one in after.figures}
    return msgspec.structs.replace(
        after,
        command=f"{before.command}; {after.command}",
        figures=[*(one for one in before.figures if one.part not in parts), *after.figures],
        void_parts=[*(one for one in before.void_parts if one not in parts), *after.void_parts],
    )


def read_all(folder: Path = FOLDER) -> list[Result]:
    """Every raw result, the oldest first."""
    return [msgspec.json.decode(path.read_bytes(), type=Result) for path in sorted(folder.glob("*.json"))]


def _commit() -> str:
    """The short name of the commit at hand; `unknown` outside a repository."""
    try:
        name = _git("rev-parse", "--short=7", "HEAD").stdout.strip()
        is_changed = _git("diff", "--quiet", "HEAD", "--", *_MEASURED_CODE).returncode != 0
    except FileNotFoundError:
        return "unknown"
    return f"{name}{'-changed' if is_changed else ''}" if name else "unknown"


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=False)
