"""The values of an import's pages: its columns with their choices, its rows, its state."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from webapp.domain.records.fields import CUSTOM, ObjectType
from webapp.domain.records.files.encoding import OTHERS, Other, readings
from webapp.domain.records.files.headings import LEFT_OUT, fitting_names
from webapp.errors import Problem
from webapp.store.records.files.kept_files import CsvImport
from webapp.store.records.files.planned_rows import CsvImportRow
from webapp.store.runs import log
from webapp.store.runs.log import RunRow
from webapp.text.records import files as texts
from webapp.text.records.records import value_problem
from webapp.text.translated import gettext
from webapp.usecases.records.files import uploading
from webapp.usecases.records.files.reading import Layout
from webapp.web.records.field_labels import defined, label
from webapp.web.runs.labels import is_over
from webapp.web.services import page_session

State = Literal["columns", "checking", "stopped", "checked", "importing", "over"]
STEPS = ("columns", "checked", "over")
"""The states that the steps on the page lead to."""


class Column(Struct, frozen=True):
    """A column of a file: its heading, what its first rows say, and what was chosen for it."""

    place: int
    heading: str
    samples: Sequence[str]
    chosen: str


class Standing(Struct, frozen=True):
    """How an import stands: the run that counts at present, the last one that is over, or none."""

    state: State
    run: RunRow | None = None


def type_of(kept: CsvImport) -> ObjectType:
    """The object type of a file's rows."""
    return "companies" if kept.object_type == "companies" else "contacts"


def standing(kept: CsvImport) -> Standing:
    """How an import stands."""
    run = log.run_row(page_session(), kept.run_id) if kept.run_id is not None else None
    if run is not None:
        return Standing("over" if is_over(run.run) else "importing", run)
    check = log.run_row(page_session(), kept.check_id) if kept.check_id is not None else None
    if kept.columns is None or check is None:
        return Standing("columns")
    if not is_over(check.run):
        return Standing("checking", check)
    return Standing("checked" if kept.foreseen is not None else "stopped", check)


def labels_of(object_type: ObjectType) -> dict[str, str]:
    """The possible meanings of a column, each with its label."""
    names = fitting_names(object_type, list(defined(object_type)))
    return {name: column_label(object_type, name) for name in names}


def column_label(object_type: ObjectType, name: str) -> str:
    """The label of a column's meaning."""
    return texts.COLUMNS.get(name) or label(object_type, name)


def choices_of(labels: Mapping[str, str], chosen: Sequence[str]) -> list[tuple[str, str]]:
    """The choices for a column, including custom fields that only the file has."""
    own = [name for name in chosen if name.startswith(CUSTOM) and name not in labels]
    return [(LEFT_OUT, gettext("Leave this column out")), *labels.items(), *((name, name) for name in own)]


def columns_of(layout: Layout, chosen: Sequence[str]) -> list[Column]:
    """The columns of a file with what was chosen for each."""
    triples = zip(layout.headings, layout.samples, chosen, strict=True)
    return [Column(place, *one) for place, one in enumerate(triples)]


def readings_of(kept: CsvImport) -> dict[Other, str]:
    """The encodings that a file may have, each with some cells as it reads them; none where one is sure."""
    layout = uploading.layout(kept)
    present = next((one for one in OTHERS if one == layout.encoding), None)
    cells = [cell.encode("latin-1") for cell in layout.odd_cells]
    return readings(cells, present) if present and cells else {}


def problems_of(object_type: ObjectType, row: CsvImportRow) -> list[tuple[str, str, str, bool]]:
    """The problems of a row: column, sentence, value, and whether it is an error or a warning."""
    return [
        (
            "" if name == "row" else column_label(object_type, name),
            value_problem(Problem(**stored)),
            (row.values or {}).get(name, ""),
            is_error,
        )
        for problems, is_error in ((row.errors, True), (row.warnings, False))
        for name, stored in (problems or {}).items()
    ]


def tabs_of(kept: CsvImport) -> list[tuple[str, str, int]]:
    """By what the rows can be filtered: value, label, and how many there are."""
    counts: Mapping[str, Any] = kept.foreseen or {}
    total = sum(number for name, number in counts.items() if name != "alike")
    found = [(name, text, int(counts.get(name, 0))) for name, text in texts.ROWS.items()]
    return [("", gettext("All"), total), *(one for one in found if one[2])]
