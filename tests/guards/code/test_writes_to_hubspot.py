"""A write to HubSpot is announced, called and settled in one of the places that are known to do so (B46)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.faults.announced_first import write_methods
from tests.support.suite.source_texts import ROOT, modules_with

_ANNOUNCED_BY = {
    "webapp/usecases/push/sending/batches.py": "webapp/usecases/push/page.py: announcing.announce",
    "webapp/usecases/push/associations.py": "webapp/usecases/push/associations.py: push_companies.announce",
    "webapp/usecases/push/new_objects/joining.py": (
        "webapp/usecases/push/new_objects/creation_checks.py: creation_checks.announce_joins"
    ),
    "webapp/usecases/undo/remote.py": "webapp/usecases/undo/remote.py: undo_remote.announce",
    "webapp/usecases/undo/put_back_in_hubspot.py": "webapp/usecases/undo/remote.py: undo_remote.announce",
    "webapp/usecases/duplicates/merge_in_hubspot.py": (
        "webapp/usecases/duplicates/merge_in_hubspot.py: pairs.announce"
    ),
}
"""By module that writes, where it is announced; `tests/push/interrupted/test_each_write.py` sees it done."""

_OF_NO_RECORD = {"webapp/hubspot/probe.py", "webapp/usecases/push/own_key/key_property.py"}
"""The modules that write nothing of any record's: to an object that does not exist, and a definition."""

_MAY_BE_LOST = {
    "webapp/usecases/home/overview.py": "figures, which are counted again",
    "webapp/usecases/matching/renewal.py": "keys, which are made of the records again",
    "webapp/usecases/people/sessions.py": "when a session was used last",
    "webapp/usecases/pull/apply.py": "a page, which is read again, since its checkpoint is lost with it",
    "webapp/usecases/records/search_texts.py": "an index, which is made of the records again",
}
"""By module, what a transaction that a power loss may take back holds."""


def _modules(*words: str) -> Iterator[tuple[str, ast.Module]]:
    """The modules in which one of these words stands."""
    return (one for one in modules_with(words) if "migrations" not in one[0])


def _writes(node: ast.AST, names: frozenset[str]) -> bool:
    """Whether it names a call of the client's that writes."""
    if not isinstance(node, ast.Attribute) or node.attr not in names:
        return False
    return ast.unparse(node.value).split(".")[-1] in ("client", "hubspot") or node.attr not in (
        "merge",
        "archive",
    )


def test_every_module_that_writes_to_hubspot_is_known_to_announce_it() -> None:
    names = write_methods()
    assert {"batch_create", "associate_plainly", "merge", "archive"} <= names
    writing = {
        module
        for module, tree in _modules(*names)
        if not module.startswith("webapp/hubspot/calls")
        and any(_writes(node, names) for node in ast.walk(tree))
    }
    assert writing == _ANNOUNCED_BY.keys() | _OF_NO_RECORD
    for module, place in _ANNOUNCED_BY.items():
        path, call = place.split(": ")
        called = {
            ast.unparse(node.func)
            for node in ast.walk(ast.parse((ROOT / path).read_text()))
            if isinstance(node, ast.Call)
        }
        assert call in called, module


def test_nobody_writes_past_the_client() -> None:
    """A POST that changes something goes through `_write`, which asks for the fence."""
    for module, tree in _modules("is_write", "_write"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                keywords = {one.arg for one in node.keywords}
                assert "is_write" not in keywords or module == "webapp/hubspot/calls/base.py", module
            if isinstance(node, ast.Attribute) and node.attr == "_write":
                assert not ast.unparse(node.value).endswith("client"), module


def test_what_a_power_loss_may_take_back_can_be_had_again() -> None:
    """So no announcement, edit or log of a write is among it."""
    losable = {
        module
        for module, tree in _modules("may_be_lost")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(".writing")
        and any(one.arg == "may_be_lost" for one in node.keywords)
    }
    assert losable == _MAY_BE_LOST.keys()
