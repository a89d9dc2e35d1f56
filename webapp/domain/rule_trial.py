"""What a rule would change: how many it admits beside the one in force, who enters and who leaves."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from webapp.domain.rules import Rule, failing_condition

_SAMPLES = 8


class Trial(Struct):
    """Counts of records, and the names of the first who enter and leave.

    `linked` keep syncing whatever the rules say, and are in no other count.
    """

    linked: int = 0
    admitted_now: int = 0
    admitted_then: int = 0
    seen: int = 0
    entering: int = 0
    leaving: int = 0
    entering_names: list[str] = field(default_factory=list)
    leaving_names: list[str] = field(default_factory=list)

    @property
    def excluded_now(self) -> int:
        """Those that the rule in force leaves out."""
        return self.seen - self.admitted_now

    @property
    def excluded_then(self) -> int:
        """Those that the new rule would leave out."""
        return self.seen - self.admitted_then


def tried(now: Rule, then: Rule, unlinked: Iterable[tuple[str, Mapping[str, Any]]], linked: int) -> Trial:
    """Ask both rules about everyone who is not linked.

    Args:
        now: The rule in force.
        then: The new one.
        unlinked: The name and the field values of each.
        linked: How many are linked.
    """
    trial = Trial(linked=linked)
    for name, values in unlinked:
        was = failing_condition(now, values) is None
        would_be = failing_condition(then, values) is None
        trial.seen += 1
        trial.admitted_now += was
        trial.admitted_then += would_be
        if would_be and not was:
            trial.entering += 1
            trial.entering_names += [name] if trial.entering <= _SAMPLES else []
        elif was and not would_be:
            trial.leaving += 1
            trial.leaving_names += [name] if trial.leaving <= _SAMPLES else []
    return trial
