"""`python -m bench.report`: writes the table of `docs/benchmarks.md` from the raw results."""

import sys
from collections.abc import Sequence

from bench.result import ROOT, Measured, Result, read_all

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN = "<!-- table: written by `python -m bench.report` from bench/results/ -->"
END = "<!-- end of table -->"
PARTS = {
    "pull": "Pull",
    "pull_large": "Pull of a million contacts",
    "instead": "What one would use instead",
    "push": "Push",
    "limit": "Under HubSpot's call limit",
    "webhooks": "Webhook events and automatic sync",
    "lists": "List pages",
    "onlookers": "Live pages",
    "onslaught": "Clients that never finish",
    "previews": "Previews and undo",
    "previews_large": "Previews and undo of a million contacts",
    "control": "Rules, held and failing records",
    "match": "Matching",
    "scan": "Scan for possible duplicates",
    "plan": "Planning",
    "lookups": "Look-ups",
    "suite": "Test suite",
    "processes": "Processes",
}
FORMER_PARTS = {"notices": "webhooks"}
"""Names of parts in raw results of earlier versions, which are never changed."""
_HEAD = "| metric | aim | latest | met | machine | date | commit |\n|---|---|---|---|---|---|---|"
_MET = {True: "yes", False: "**no**", None: ""}


def main() -> int:
    """Rewrite the table in the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(read_all())}{END}{after}", encoding="utf-8")
    return 0


def table(results: Sequence[Result]) -> str:
    """The latest figure of every metric as a Markdown table, part by part."""
    lines = [_HEAD]
    for part, heading in PARTS.items():
        rows = [_row(one, source) for one, source in latest(results, part).values()]
        if rows:
            lines += [f"| **{heading}** | | | | | | |", *rows]
    return "\n".join(lines) + "\n"


def latest(results: Sequence[Result], part: str) -> dict[str, tuple[Measured, Result]]:
    """By metric, the latest figure of a part and the result that it comes from.

    A run of the bench measures a part as a whole, so its figures replace all earlier ones; transcribed
    figures replace only those of the same name. Figures of a void part count for nothing.

    Args:
        results: The raw results, the oldest first.
        part: The part of the bench.
    """
    found: dict[str, tuple[Measured, Result]] = {}
    for result in results:
        own = {one.name: (one, result) for one in result.figures if present_part(one.part) == part}
        if own and part not in map(present_part, result.void_parts):
            found = found | own if result.transcribed_from else own
    return found


def present_part(name: str) -> str:
    """The part as it is named now."""
    return FORMER_PARTS.get(name, name)


def _row(one: Measured, source: Result) -> str:
    mark = "by " if source.transcribed_from else ""
    cells = (
        *(one.name, one.aim, one.measured, _MET[one.is_met]),
        *(source.machine, source.measured_at.split(" ")[0], f"{mark}`{source.commit}`"),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
