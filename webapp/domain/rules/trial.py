"""The effect of a new rule: how many records it admits, compared with the present one, and which change."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from msgspec import Struct, field, json, structs

from webapp.domain.rules.rule import Rule, failing_condition

_SAMPLES = 8


class Trial(Struct):
    """Counts of records, and the names of the first who enter and leave.

    `linked` records keep syncing whatever the rules say, and are in no other count. `total` is the number of
    records to try, `seen` the number that were tried. With `is_estimate` the counts were scaled up from a
    `sample`.
    """

    linked: int = 0
    total: int = 0
    is_estimate: bool = False
    sample: int = 0
    admitted_now: int = 0
    admitted_then: int = 0
    seen: int = 0
    entering: int = 0
    leaving: int = 0
    entering_names: list[str] = field(default_factory=list)
    leaving_names: list[str] = field(default_factory=list)

    def scaled(self) -> "Trial":
        """The counts scaled up to `total`, as if the records seen were a fair sample."""
        factor = self.total / self.seen if self.seen else 0.0
        names = ("admitted_now", "admitted_then", "entering", "leaving")
        counts = {name: round(getattr(self, name) * factor) for name in names}
        return structs.replace(self, **counts, seen=self.total, sample=self.seen, is_estimate=True)

    @property
    def excluded_now(self) -> int:
        """How many the rule in force leaves out."""
        return self.seen - self.admitted_now

    @property
    def excluded_then(self) -> int:
        """How many the new rule would leave out."""
        return self.seen - self.admitted_then


def tried(trial: Trial, now: Rule, then: Rule, unlinked: Iterable[tuple[str, Mapping[str, Any]]]) -> Trial:
    """Try both rules on records that are not linked, and add the result to earlier counts.

    Args:
        trial: The earlier counts; changed in place.
        now: The rule in force.
        then: The new one.
        unlinked: The name and the field values of each.
    """
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


def change_digest(now: Rule, then: Rule) -> str:
    """The digest of a change from one rule to another: a form that sends it back has shown that change."""
    return sha256(json.encode((now, then))).hexdigest()[:32]
