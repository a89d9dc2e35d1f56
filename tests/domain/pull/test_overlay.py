"""What a preview has planned is laid over what is here, and an index over another one."""

from __future__ import annotations

import pytest

from tests.support.plain.plain import candidate, keys
from webapp.domain.matching.candidates import CandidateIndex
from webapp.domain.matching.match import find_match
from webapp.domain.pull.overlay import lay_over, numbers_below


def test_a_record_is_met_as_it_would_be_by_now() -> None:
    here, by_now = candidate(3, "old@x.de"), candidate(3, "new@x.de", linked_to="7")
    assert lay_over([here], [by_now]) == [by_now]


def test_a_record_keeps_its_own_key_which_no_plan_knows() -> None:
    here = candidate(3, "old@x.de")
    here.keys.own_key = "uuid-3"
    [met] = lay_over([here], [candidate(3, "new@x.de", linked_to="7")])
    assert (met.keys.own_key, met.keys.emails, met.linked_to) == ("uuid-3", frozenset({"new@x.de"}), "7")


def test_what_is_not_planned_stays_and_what_would_be_new_comes_last() -> None:
    here, new = candidate(3, "eva@x.de"), candidate(-1, "ana@x.de", linked_to="8")
    assert lay_over([here], [new]) == [here, new]
    assert lay_over([here], ()) == [here]


@pytest.mark.parametrize(
    ("lowest", "numbers"), [(None, [-1, -2]), (12, [-1, -2]), (-1, [-2, -3]), (-40, [-41, -42])]
)
def test_new_numbers_go_down_from_those_given(lowest: int | None, numbers: list[int]) -> None:
    assert list(numbers_below(lowest, 2)) == numbers


def test_what_is_added_to_an_index_laid_over_another_is_not_in_that_one() -> None:
    under = CandidateIndex()
    under.add(candidate(3, "eva@x.de"))
    over = under.laid_over()
    over.add(candidate(4, "ana@x.de"))
    over.become(candidate(3, "evi@x.de", linked_to="7"))
    assert [set(over.like(keys("contacts", one))) for one in ("eva@x.de", "evi@x.de", "ana@x.de")] == [
        {3},
        {3},
        {4},
    ]
    assert [set(under.like(keys("contacts", one))) for one in ("eva@x.de", "evi@x.de", "ana@x.de")] == [
        {3},
        set(),
        set(),
    ]
    known, before = over.get(3), under.get(3)
    assert known is not None
    assert before is not None
    assert (known.linked_to, before.linked_to, before.keys.emails) == ("7", None, frozenset({"eva@x.de"}))


def test_who_was_linked_in_the_index_above_is_found_no_more_by_what_is_near() -> None:
    under = CandidateIndex()
    under.add(candidate(3, first_name="Eva", last_name="Kern", phone="030 1234567"))
    over = under.laid_over()
    over.become(candidate(3, linked_to="7"))
    alike = keys("contacts", first_name="Evi", last_name="Kerner", phone="030 1234567")
    assert set(under.like(alike)) == {3}
    assert not over.like(alike)


def test_an_own_key_is_known_through_both() -> None:
    under = CandidateIndex()
    marked, new = candidate(3, "eva@x.de"), candidate(4, "ana@x.de", linked_to="8")
    marked.keys.own_key, new.keys.own_key = "uuid-3", "uuid-4"
    under.add(marked)
    over = under.laid_over()
    over.add(new)
    match = find_match("77", keys("contacts", own_key="x"), over, frozenset())
    assert match.kind == "none"
    for own_key, number in (("uuid-3", 3), ("uuid-4", 4)):
        found = over.with_own_key(own_key)
        assert found is not None
        assert found.record_id == number
    assert under.with_own_key("uuid-4") is None
