"""Of a field that no sync has seen since it was mapped nobody knows whether it moved (B28, B30)."""

from __future__ import annotations

from msgspec.structs import replace

from tests.support.plain.plain import CONTACTS, link
from webapp.domain.mapping.mapping import FieldMap, Mapping
from webapp.domain.push.outgoing import base_after, pushed_changes


def mapped_later(**changes: str) -> Mapping:
    item = FieldMap("job_title", "jobtitle", knows_blanks=True, **changes)  # type: ignore[arg-type]
    return replace(CONTACTS, fields=(item,))


SEEN = link(1, "1", local_seen={"job_title": "Editor"}, remote_seen={"job_title": "Editor"})
UNSEEN = link(1, "1")


def test_a_push_clears_there_only_what_was_cleared_here() -> None:
    mapping = mapped_later(blank_policy="clear")
    there: dict[str, str | None] = {"jobtitle": "Editor"}
    assert pushed_changes({"job_title": None}, there, mapping, SEEN) == [("job_title", "Editor", "")]
    assert pushed_changes({"job_title": None}, there, mapping, UNSEEN) == []


def test_an_automatic_push_sends_it_only_once_its_base_is_known() -> None:
    mine = {"job_title": "Publisher"}
    for known, sent in ((SEEN, [("job_title", "Editor", "Publisher")]), (UNSEEN, [])):
        assert pushed_changes(mine, {"jobtitle": "Editor"}, mapped_later(), known, is_automatic=True) == sent
    assert pushed_changes(mine, {"jobtitle": "Editor"}, mapped_later(), UNSEEN) != []


def test_blank_on_both_sides_is_seen_too() -> None:
    base = base_after({"job_title": None}, {"jobtitle": None}, [], mapped_later(), UNSEEN)
    assert (base.local_seen, base.remote_seen) == ({"job_title": None}, {"job_title": None})
