"""Readers make of objects what planning needs, while the database writes the pages before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import pytest

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.mapping import incoming

pytestmark = pytest.mark.one_database

_COMPANIES, _CONTACTS = 5, 40
_KeysOf = Callable[[Mapping[str, object]], dict[str, str | None]]


@pytest.fixture
def key_makers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads that have made an object's keys, one entry for each object."""
    makers: list[int] = []
    for name in ("company_keys", "contact_keys"):
        keys_of = getattr(incoming, name)

        def noted(values: Mapping[str, object], keys_of: _KeysOf = keys_of) -> dict[str, str | None]:
            makers.append(threading.get_ident())
            return keys_of(values)

        monkeypatch.setattr(incoming, name, noted)
    return makers


def test_a_first_pull_has_its_readers_make_keys(
    connection_id: int, sandbox: SandboxServer, key_makers: list[int]
) -> None:
    sandbox.reset(companies=_COMPANIES, contacts=_CONTACTS)
    assert pulling.pulled(connection_id).state == "finished"
    assert len(key_makers) == _COMPANIES + _CONTACTS
    assert threading.get_ident() not in key_makers


def test_no_reader_makes_keys_of_what_is_linked_already(
    connection_id: int, sandbox: SandboxServer, key_makers: list[int]
) -> None:
    sandbox.reset(companies=_COMPANIES, contacts=_CONTACTS)
    pulling.pulled(connection_id)
    key_makers.clear()
    assert pulling.pulled(connection_id).state == "finished"
    assert set(key_makers) <= {threading.get_ident()}
