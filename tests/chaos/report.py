"""The cells of a matrix as a table, and as the raw result behind `docs/reliability.md`."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.chaos.faults import KILLED
from tests.chaos.flows import FLOWS
from tests.chaos.matrix import Cell
from tests.support.applications.app import ROOT

WRONG = ("lost", "stuck")
_FLOWS_ACROSS = 7
_NAMES = [flow.name for flow in FLOWS]
RESULTS = ROOT / "tests" / "chaos" / "results"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- table: written by `make chaos` from tests/chaos/results/ -->", "<!-- end of table -->"


class Result(msgspec.Struct, frozen=True):
    """A whole matrix as it is kept."""

    began: datetime
    commit: str
    cells: list[Cell]


def as_table(cells: Sequence[Cell]) -> str:
    """Faults down, flows across: how many cells held, and how many not; `-` where there was none."""
    return _table("fault", [(cell.fault, cell) for cell in cells])


def kill_points(cells: Sequence[Cell]) -> str:
    """The durable steps behind which workers were killed down, flows across."""
    kills = [(cell.place.rpartition(" (")[0], cell) for cell in cells if cell.fault == KILLED]
    return _table("killed behind", sorted(kills, key=lambda kill: kill[0]))


def _table(title: str, rows: Sequence[tuple[str, Cell]]) -> str:
    """One table below the other, each with so many flows as fit a page."""
    flows = sorted({cell.flow for _, cell in rows}, key=_NAMES.index)
    parts = [flows[start : start + _FLOWS_ACROSS] for start in range(0, len(flows), _FLOWS_ACROSS)]
    return "\n\n".join(_part(title, [row for row in rows if row[1].flow in part], part) for part in parts)


def _part(title: str, rows: Sequence[tuple[str, Cell]], flows: Sequence[str]) -> str:
    counts: Counter[tuple[str, str, str]] = Counter((name, cell.flow, cell.verdict) for name, cell in rows)
    lines = [f"| {title} | {' | '.join(flows)} |", f"|---|{'---|' * len(flows)}"]
    names = dict.fromkeys(name for name, _ in rows)
    lines += [f"| {name} | {' | '.join(_cell(counts, name, flow) for flow in flows)} |" for name in names]
    return "\n".join(lines)


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
    tables = "\n\n".join((_summary(kept), as_table(kept.cells), kill_points(kept.cells)))
    return f"{head}{BEGIN}\n{tables}\n{END}{tail}"


def _summary(kept: Result) -> str:
    counts = Counter(cell.verdict for cell in kept.cells)
    return (
        f"{len(kept.cells)} cells on {kept.began:%Y-%m-%d} at commit `{kept.commit}`: {counts['held']} held, "
        f"{counts['lost'] + counts['stuck']} lost something, {counts['not struck']} were not struck."
    )
