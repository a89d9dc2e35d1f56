"""A transaction that would wait for itself says so."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.services import current_services


def test_a_transaction_within_another_is_refused_and_leaves_no_lock(in_app: Flask) -> None:
    assert in_app
    database = current_services().database
    with pytest.raises(RuntimeError, match="within another"), database.writing(), database.writing():
        pass
    with database.writing(), database.reading():
        pass
