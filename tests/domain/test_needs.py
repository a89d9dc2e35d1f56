"""What the home page says that a person should do."""

from __future__ import annotations

from webapp.domain.home.needs import Facts, Need, needs

_ALL_WELL = Facts(is_connected=True, is_pulled=True)


def test_nothing_needs_anybody_where_all_is_well() -> None:
    assert needs(_ALL_WELL) == []


def test_first_comes_connecting_then_the_set_up_step_by_step() -> None:
    assert needs(Facts(is_connected=False)) == [Need("connect")]
    assert needs(Facts(is_connected=True)) == [Need("setup", step="fields")]
    done = ("fields", "statuses", "rules", "preview")
    assert needs(Facts(is_connected=True, setup_done=done)) == [Need("setup", step="pull")]
    assert needs(Facts(is_connected=True, setup_done=done, is_pulling=True)) == []


def test_a_dead_access_comes_before_the_set_up() -> None:
    assert needs(Facts(is_connected=True, is_dead=True)) == [Need("reconnect")]


def test_a_pause_that_a_person_forgot_is_named() -> None:
    assert needs(Facts(is_connected=True, is_pulled=True, is_paused=True)) == [Need("resume")]


def test_what_waits_comes_in_the_order_of_its_urgency() -> None:
    facts = Facts(is_connected=True, is_pulled=True, asking=1, privacy=2, held=3, failing=4, duplicates=5)
    assert needs(facts) == [
        Need("answer", 1),
        Need("privacy", 2),
        Need("decide", 3),
        Need("failing", 4),
        Need("compare", 5),
    ]


def test_what_waits_is_named_while_nothing_is_connected() -> None:
    assert needs(Facts(is_connected=False, duplicates=2)) == [Need("connect"), Need("compare", 2)]
