"""The effect of a rule before it is saved: counted at once, or estimated and then counted by a job."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.mapping.incoming import read_incoming
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.fields import ObjectType
from webapp.domain.rules.rule import Rule, with_company
from webapp.domain.rules.trial import Trial, tried
from webapp.services import Services
from webapp.store.mapping import mappings
from webapp.store.records import company_values
from webapp.store.rules import rules, trials, unlinked
from webapp.store.rules.trials import RuleTrial
from webapp.store.rules.unlinked import Unlinked
from webapp.usecases.rules.vocabulary import Direction
from webapp.usecases.runs import queues

# Up to this many are counted while somebody waits; of more a sample, in stretches spread over all.
EXACT_UP_TO = 100_000
STRETCHES, IN_A_STRETCH = 100, 100
# A job leaves its worker free for others after this time, and goes on behind them.
JOB_S = 2.0
BATCH_SIZE = 2_000
# Nobody looks at the result of a trial for longer.
_LOOKED_AT_FOR = timedelta(hours=1)


class Question(Struct, frozen=True):
    """The rule that is tried, beside the one in force, and the records that it is tried on."""

    connection_id: int
    object_type: ObjectType
    side: Direction
    rule: Rule


def trial(services: Services, question: Question) -> Trial:
    """The effect of a rule: for a push on the records here, for a pull on objects that were left out.

    Objects that no pull has read yet cannot be counted. Very many records give an estimate.
    """
    with services.database.reading() as session:
        asker = _Asker(session, question)
        low, high, total = asker.bounds()
        if total <= EXACT_UP_TO:
            return tried(asker.start(total), asker.now, question.rule, asker.all())
        # A stretch behind a gap in the numbers is likelier to be in the sample. That does no harm: the order
        # of the rows has nothing to do with their fields.
        random = Random(total)  # noqa: S311 - a sample, not a secret
        places = sorted(random.randint(low - 1, high) for _ in range(STRETCHES))
        return tried(asker.start(total), asker.now, question.rule, asker.some_at(places)).scaled()


def begin(services: Services, question: Question) -> int:
    """Have the exact numbers counted in the background; the number under which they are found."""
    with services.database.writing() as session:
        asker = _Asker(session, question)
        trial_id = trials.add(
            session,
            datetime.now(UTC),
            connection_id=question.connection_id,
            object_type=question.object_type,
            direction=question.side,
            rule=msgspec.to_builtins(question.rule),
            counted=msgspec.to_builtins(asker.start(asker.bounds()[2])),
        )
    queues.enqueue_rule_trial(services, trial_id, 0)
    return trial_id


def counted(services: Services, trial_id: int) -> tuple[Question, Trial, bool] | None:
    """A rule with what has been counted of it so far, and whether that is all; None when it is not known."""
    with services.database.reading() as session:
        row = trials.get(session, trial_id)
    return (_question_of(row), msgspec.convert(row.counted, Trial), row.is_done) if row is not None else None


def _question_of(row: RuleTrial) -> Question:
    return Question(
        row.connection_id,
        row.object_type,  # type: ignore[arg-type]
        row.direction,  # type: ignore[arg-type]
        msgspec.convert(row.rule, Rule),
    )


def go_on(services: Services, trial_id: int) -> None:
    """Count on for a while; what is left is queued again."""
    ends_at_s = time.monotonic() + JOB_S
    after_id, is_done = 0, False
    while not is_done and time.monotonic() < ends_at_s:
        with services.database.writing() as session:
            row = trials.get(session, trial_id)
            if row is None or row.is_done:
                return
            question, so_far = _question_of(row), msgspec.convert(row.counted, Trial)
            asker = _Asker(session, question)
            rows = list(asker.some(row.after_id, BATCH_SIZE))
            is_done = len(rows) < BATCH_SIZE
            after_id = rows[-1].id if rows else row.after_id
            so_far = tried(so_far, asker.now, question.rule, map(asker.named_values, rows))
            as_data = msgspec.to_builtins(so_far)
            trials.move_on(session, trial_id, row.after_id, after_id, as_data, is_done=is_done)
    if not is_done:
        queues.enqueue_rule_trial(services, trial_id, after_id)


def go_on_forgotten(services: Services) -> None:
    """Queue those again whose job was lost; a job that works on one all the same counts nothing twice."""
    with services.database.reading() as session:
        forgotten = trials.unfinished(session, datetime.now(UTC) - _LOOKED_AT_FOR)
    for trial_id, after_id in forgotten:
        if not queues.is_trial_queued(services, trial_id, after_id):
            queues.enqueue_rule_trial(services, trial_id, after_id)


class _Asker:
    """Reads the records that both rules apply to, with the fields that their conditions need."""

    def __init__(self, session: Session, question: Question) -> None:
        self._session = session
        self._question = question
        where = (question.connection_id, question.object_type)
        self.now = rules.load(session, *where, question.side)
        conditions = (*self.now.every_condition(), *question.rule.every_condition())
        self._rule = Rule(conditions=conditions)
        self._mapping: Mapping = mappings.load(session, *where)
        self._companies = company_values.for_rule(session, self._rule)

    def bounds(self) -> tuple[int, int, int]:
        """The lowest and highest row, and how many there are at the most."""
        one = self._question
        return unlinked.bounds(self._session, one.connection_id, one.object_type, one.side)

    def start(self, total: int) -> Trial:
        """Nothing counted yet."""
        one = self._question
        linked = unlinked.count_linked(self._session, one.connection_id, one.object_type)
        return Trial(linked=linked, total=total)

    def some(self, after_id: int, limit: int | None) -> Iterator[Unlinked]:
        """Those behind a row."""
        one = self._question
        where = (one.connection_id, one.object_type, one.side)
        return unlinked.some(self._session, *where, after_id=after_id, limit=limit)

    def all(self) -> Iterator[tuple[str, Any]]:
        """All of them, with the values that the rules need."""
        return map(self.named_values, self.some(0, None))

    def some_at(self, places: list[int]) -> Iterator[tuple[str, Any]]:
        """A stretch behind each of these rows."""
        seen = -1
        for place in places:
            for one in self.some(max(place, seen), IN_A_STRETCH):
                seen = one.id
                yield self.named_values(one)

    def named_values(self, one: Unlinked) -> tuple[str, Any]:
        """The name of one, and its values that the rules need."""
        values = one.values if self._question.side == "out" else _as_incoming(one.values, self._mapping)
        company = self._companies.get(one.company_id) if one.company_id is not None else None
        return one.name, with_company(self._rule, values, company)


def _as_incoming(properties: dict[str, str | None], mapping: Mapping) -> dict[str, Any]:
    """The values that a pull would apply the rules to."""
    raw = {mapping.property_names.get(field, field): text for field, text in properties.items()}
    return read_incoming(raw, mapping).values
