"""Multiple choices of which some options are mapped: the others stay where they are (B28)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.plain.plain import READ_AT, link
from tests.support.plain.plain_push import local, policy, remote, updated
from webapp.domain.links.conflicts import decide
from webapp.domain.links.precedence import has_moved, pulled_changes
from webapp.domain.mapping.incoming import read_incoming
from webapp.domain.mapping.mapping import BlankPolicy, FieldMap, Mapping
from webapp.domain.push.outgoing import base_after, created_changes, has_edits, pushed_changes
from webapp.domain.push.updating import taken_effect
from webapp.domain.records.conversions import parts
from webapp.domain.records.fields import Field
from webapp.domain.records.values import Value
from webapp.domain.undo.remote import ObjectNow, Sent, plan_remote_undo

LIKES = Field("custom.likes", "Likes", "choices", 5_000, ("Golf", "Wine", "Chess"))
OPTIONS = {"Golf": "golf", "Wine": "wine"}


def mapping(blanks: BlankPolicy = "ignore", **more: Any) -> Mapping:
    item = FieldMap("custom.likes", "likes", blank_policy=blanks, options=OPTIONS)
    return Mapping("contacts", (item,), {}, {}, custom=(LIKES,), **more)


def pushed(ours: str | None, there: str | None, terms: Mapping | None = None, **more: Any) -> str | None:
    """What a push writes; None where it writes nothing."""
    changes = pushed_changes(
        {"custom.likes": ours}, {"likes": there}, terms or mapping(), more.pop("base", None), **more
    )
    return changes[0][2] if changes else None


def pulled(ours: str | None, there: str | None, terms: Mapping | None = None) -> Any:
    """What the field holds after a pull."""
    in_force = terms or mapping()
    record: dict[str, Value] = {"custom.likes": ours}
    found = pulled_changes(read_incoming({"likes": there}, in_force), record, {}, {}, in_force)
    return found[0][2] if found else ours


@pytest.mark.parametrize(
    ("ours", "there", "written"),
    [
        ("Wine", "golf;music", "wine;music"),
        ("Golf;Wine", "golf;music", "golf;wine;music"),
        ("Golf", "music", "golf;music"),
        ("Golf", "golf;music", None),
        ("Golf;Wine", "wine;music;golf", None),
        ("Golf;Chess", "golf", None),
        ("Chess", "golf;music", None),
        ("Wine;Chess", None, "wine"),
        (None, "golf;music", None),
    ],
)
def test_a_push_decides_about_mapped_options_alone(ours: str | None, there: str | None, written: str) -> None:
    assert pushed(ours, there) == written


@pytest.mark.parametrize(
    ("ours", "there", "held"),
    [
        (None, "golf;music", "Golf"),
        ("Wine;Chess", "golf;music", "Golf;Chess"),
        ("Golf;Chess", "music;golf", "Golf;Chess"),
        ("Golf", "music", "Golf"),
        ("Golf", None, "Golf"),
    ],
)
def test_a_pull_does_so_too(ours: str | None, there: str | None, held: str | None) -> None:
    assert pulled(ours, there) == held


def test_a_blank_that_clears_takes_the_mapped_options_alone() -> None:
    terms = mapping("clear")
    base = link(1, "7", local_seen={"custom.likes": "Golf"}, remote_seen={"likes": "golf;music"})
    assert pushed(None, "golf;music", terms, base=base) == "music"
    assert pushed(None, "music", terms, base=base) is None
    assert pushed(None, "golf", terms, base=base) == ""
    assert pushed(None, "golf;music", base=base, clears=["custom.likes"]) == "music"
    assert pulled("Golf;Chess", "music", terms) == "Chess"
    assert pulled("Golf", None, terms) is None


@given(
    st.lists(st.sampled_from(["Golf", "Wine", "Chess"]), unique=True),
    st.lists(st.sampled_from(["golf", "wine", "music", "jazz"]), unique=True),
)
def test_nothing_is_ever_written_twice_nor_lost(ours: list[str], there: list[str]) -> None:
    here, raw = ";".join(ours) or None, ";".join(there) or None
    written = pushed(here, raw)
    if written is not None:
        assert {"music", "jazz"}.intersection(there) == {"music", "jazz"}.intersection(parts(written))
        assert pushed(here, written) is None
        assert pulled(here, written) == here
    after = pulled(here, raw)
    assert ("Chess" in ours) == ("Chess" in parts(after or ""))
    assert pulled(after, raw) == after


def test_a_new_object_is_made_with_the_mapped_options() -> None:
    assert created_changes({"custom.likes": "Wine;Chess"}, mapping()) == [("custom.likes", None, "wine")]


def test_an_option_that_hubspot_offers_no_more_is_not_sent_back() -> None:
    terms = mapping(offered={"custom.likes": frozenset(("wine", "jazz"))})
    assert pushed("Golf;Wine", "music;jazz", terms) == "wine;jazz"
    assert pushed("Golf", "music;jazz", terms) is None


def test_what_hubspot_moves_beside_the_mapped_options_is_no_move() -> None:
    seen = link(1, "7", local_seen={"custom.likes": "Golf"}, remote_seen={"custom.likes": "golf;music"})
    for there, is_move in (("jazz;golf", False), ("music;golf", False), ("golf;wine", True), (None, True)):
        incoming = read_incoming({"likes": there}, mapping())
        assert has_moved("custom.likes", incoming, seen, mapping()) is is_move, there
    assert not has_edits({"custom.likes": "Golf"}, mapping(), seen)


def test_an_edit_here_is_not_disputed_by_options_that_are_not_ours() -> None:
    base = {"local_seen": {"custom.likes": "Golf"}, "remote_seen": {"custom.likes": "golf;music"}}
    record = local(link=link(3, "7", **base), **{"custom.likes": "Wine"})
    there = replace(remote(likes="jazz;golf"), changed_at={"likes": READ_AT})
    plan = updated(record, there, terms=policy(mapping=mapping(), is_automatic=True))
    assert (plan.changes, plan.reason) == ((("custom.likes", "jazz;golf", "wine;jazz"),), None)


def test_an_option_that_only_we_know_is_no_edit_for_hubspot() -> None:
    """Nor does it dispute what HubSpot changes meanwhile: that comes, and nothing goes."""
    base = {"local_seen": {"custom.likes": "Golf"}, "remote_seen": {"custom.likes": "golf"}}
    record = local(link=link(3, "7", **base), **{"custom.likes": "Golf;Chess"})
    terms = policy(mapping=mapping(), is_automatic=True)
    assert updated(record, remote(likes="wine"), terms=terms).changes == ()
    assert not has_edits(record.values, mapping(), link(3, "7", **base))
    change = ("custom.likes", "Golf;Chess", "Wine;Chess")
    later = {"custom.likes": READ_AT}
    assert decide([change], link(3, "7", **base), later, {}, mapping()) == ([change], [], [])


def test_the_base_is_in_step_whatever_else_hubspot_holds() -> None:
    base = base_after({"custom.likes": "Golf;Chess"}, {"likes": "music;golf"}, (), mapping(), None)
    assert (base.local_seen, base.remote_seen) == (
        {"custom.likes": "Golf;Chess"},
        {"custom.likes": "music;golf"},
    )


def test_a_write_that_was_cut_off_is_known_in_any_order() -> None:
    change = ("custom.likes", "golf;music", "wine;music")
    record = local(link=link(3, "7"), unlogged=(change,))
    assert taken_effect(record, remote(likes="music;wine"), mapping()) == (change,)
    assert taken_effect(record, remote(likes="music;golf"), mapping()) == ()


@pytest.mark.parametrize(
    ("held", "back"),
    [
        ("wine;music", [("custom.likes", "wine;music", "golf;music")]),
        ("music;jazz;wine", [("custom.likes", "music;jazz;wine", "golf;music;jazz")]),
        ("golf;jazz", []),
    ],
)
def test_an_undo_puts_back_the_mapped_options_alone(held: str, back: list[Any]) -> None:
    sent = Sent(READ_AT, "7", "updated", [("custom.likes", "golf;music", "wine;music")])
    plan = plan_remote_undo(sent, ObjectNow(properties={"likes": held}), mapping(), archives=False)
    assert (plan.changes, plan.detail) == (back, None)


@pytest.mark.parametrize(("held", "verb"), [("wine", "archive"), ("wine;jazz", "leave"), ("golf", "leave")])
def test_an_object_is_archived_only_while_nobody_has_chosen_anything_besides(held: str, verb: str) -> None:
    sent = Sent(READ_AT, "7", "created", [("custom.likes", None, "wine")])
    plan = plan_remote_undo(sent, ObjectNow(properties={"likes": held}), mapping(), archives=True)
    assert plan.verb == verb


def test_an_undo_leaves_what_was_chosen_otherwise_since() -> None:
    sent = Sent(READ_AT, "7", "updated", [("custom.likes", "golf;music", "wine;music")])
    plan = plan_remote_undo(sent, ObjectNow(properties={"likes": "golf;wine"}), mapping(), archives=False)
    assert plan.reason == "changed_since"
