"""Rows of runs, as the pages about them read them."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.samples.rows import Rows


@pytest.fixture
def rows(app: Flask) -> Rows:
    return Rows(app)
