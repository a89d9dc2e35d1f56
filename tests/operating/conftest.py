"""Restores: nobody else may use the database that they replace."""

import pytest

from tests.support.applications.app import let_go
from webapp.settings import Settings


@pytest.fixture(autouse=True)
def alone(settings: Settings) -> None:
    """No application of an earlier test keeps connections to this database."""
    let_go(settings.database_url)
