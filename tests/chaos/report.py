"""The cells of a matrix as a table, and as the raw result behind `docs/reliability.md`."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.chaos.matrix import Cell
from tests.support.app import ROOT

WRONG = ("lost", "stuck")
RESULTS = ROOT / "tests" / "chaos" / "results"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- table: written by `make chaos` from tests/chaos/results/ -->", "<!-- end of table -->"


class Result(msgspec.Struct, frozen=True):
    """A whole matrix as it is kept."""

    began: datetime
    commit: str
    cells: list[Cell]


def as_table(cells: Sequence[Cell]) -> str:
    """Faults down, flows across: how many cells held, and how many not; `-` where none was struck."""
    flows = list(dict.fromkeys(cell.flow for cell in cells))
    faults = list(dict.fromkeys(cell.fault for cell in cells))
    counts = Counter((cell.fault, cell.flow, cell.verdict) for cell in cells)
    rows = [f"| fault | {' | '.join(flows)} |", f"|---|{'---|' * len(flows)}"]
    rows += [f"| {fault} | {' | '.join(_cell(counts, fault, flow) for flow in flows)} |" for fault in faults]
    return "\n".join(rows)


def _cell(counts: Counter[tuple[str, str, str]], fault: str, flow: str) -> str:
    held, missed = counts[fault, flow, "held"], counts[fault, flow, "not struck"]
    wrong = sum(counts[fault, flow, verdict] for verdict in WRONG)
    texts = [f"{held} held"] if held else []
    texts += [f"**{wrong} lost**"] if wrong else []
    texts += [f"{missed} not struck"] if missed else []
    return ", ".join(texts) or "-"


def keep(cells: Sequence[Cell]) -> None:
    """Write the raw result, and the table of the page from it."""
    now = datetime.now(UTC)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d-%H%M}-{commit}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(Result(now, commit, list(cells)))) + b"\n")
    write_page(path)
    print(f"Kept as {path.relative_to(ROOT)}")


def write_page(result: Path) -> None:
    """Put the table of a raw result into the page."""
    PAGE.write_text(page_with(PAGE.read_text(), result))


def page_with(page: str, result: Path) -> str:
    """The page's text with the table of a raw result, its figures and its kill points."""
    kept = msgspec.json.decode(result.read_bytes(), type=Result)
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{_summary(kept)}\n\n{as_table(kept.cells)}\n{END}{tail}"


def _summary(kept: Result) -> str:
    counts = Counter(cell.verdict for cell in kept.cells)
    return (
        f"{len(kept.cells)} cells on {kept.began:%Y-%m-%d} at commit `{kept.commit}`: {counts['held']} held, "
        f"{counts['lost'] + counts['stuck']} lost something, {counts['not struck']} were not struck."
    )
