"""Which objects a decision about many goes for."""

from __future__ import annotations

import pytest

from webapp.domain.held.together import goes_for, is_decided_with_others

_STATES = ("held", "waiting", "unlinked", "excluded", "skipped", "ignored")


@pytest.mark.parametrize(
    ("verb", "states"),
    [
        ("link", {"held"}),
        ("apart", {"held"}),
        ("skip", {"held"}),
        ("again", {"waiting", "unlinked", "excluded", "skipped"}),
        ("import", {"skipped", "ignored"}),
    ],
)
def test_each_decision_about_many_goes_for_some_states(verb: str, states: set[str]) -> None:
    assert {state for state in _STATES if goes_for(verb, state, "undone")} == states


@pytest.mark.parametrize("reason", ["deleted_here", "person_erased"])
def test_what_somebody_removed_on_purpose_is_brought_back_one_by_one(reason: str) -> None:
    assert not goes_for("import", "ignored", reason)
    assert not is_decided_with_others("ignored", reason)
    assert is_decided_with_others("ignored", "undone")
