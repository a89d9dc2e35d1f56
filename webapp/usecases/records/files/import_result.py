"""The result of an import: counts, and the rows with problems, as far as they can be listed."""

from collections.abc import Mapping

from msgspec import Struct, field

from webapp.domain.records.files.encoding import Encoding
from webapp.domain.records.files.row_plan import ROW_OUTCOMES, RowOutcome, RowPlan
from webapp.errors import Problem

MOST_LISTED = 1_000
"""Rows with errors, and rows with warnings, that are listed; the others are counted."""

_LONGEST_SHOWN = 80
_MADE: tuple[RowOutcome, ...] = ("created", "updated")


class RowProblems(Struct, frozen=True):
    """A row's errors or warnings, by column, with the beginnings of the values in question."""

    number: int
    problems: dict[str, Problem]
    values: dict[str, str]


class Imported(Struct):
    """The result of an import, or of its check.

    Attributes:
        encoding: how it was read.
        separator: what stood between its cells.
        is_check: whether it was only looked at.
        is_stored: whether anything was to be stored: not in a check, nor where a row had an error.
        outcomes: how many rows end or would end how; of `created` and `updated` each is a record.
        errors: those rows, in order, as far as they are listed.
        warnings: rows that a person should look at, as far as they are listed.
        alike: how many of the records that were made or changed look like others, and are listed with them.
    """

    encoding: Encoding
    separator: str
    is_check: bool
    is_stored: bool
    outcomes: dict[RowOutcome, int] = field(default_factory=dict)
    errors: list[RowProblems] = field(default_factory=list)
    warnings: list[RowProblems] = field(default_factory=list)
    alike: int = 0

    def count(self, plan: RowPlan) -> None:
        """Take in a row."""
        self.outcomes[plan.outcome] = self.outcomes.get(plan.outcome, 0) + 1
        for problems, listed in ((plan.errors, self.errors), (plan.warnings, self.warnings)):
            if problems and len(listed) < MOST_LISTED:
                listed.append(RowProblems(plan.number, problems, _shown(plan.given, problems)))

    @property
    def failed(self) -> int:
        """How many rows have errors."""
        return self.outcomes.get("failed", 0)

    def counts(self) -> dict[str, int]:
        """How many of each; nothing was made or changed where errors kept all rows from being stored."""
        is_made = self.is_check or self.is_stored
        return {one: self.outcomes.get(one, 0) if is_made or one not in _MADE else 0 for one in ROW_OUTCOMES}


def _shown(given: Mapping[str, str], problems: Mapping[str, Problem]) -> dict[str, str]:
    texts = {name: given[name] for name in problems if given.get(name)}
    return {name: text[:_LONGEST_SHOWN] + "…" * (len(text) > _LONGEST_SHOWN) for name, text in texts.items()}
