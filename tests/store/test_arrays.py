"""Lists reach PostgreSQL as the arrays that its driver would make of them."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.adapt import PyFormat, Transformer
from sqlalchemy import ARRAY, BigInteger, Text, bindparam, func, select
from sqlalchemy.exc import DataError

from tests.support.applications.services import reading
from webapp.store.database.lists import array_text

_ODD = [
    "",
    "null",
    "NULL",
    "{}",
    "a,b",
    '"',
    "\\",
    '\\"',
    " ",
    "two\nlines\t",
    "Łódź 🚀",
    "\u2028",
    "%s",
    "it's",
]


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
@pytest.mark.parametrize("values", [_ODD, ["one"], [""], ["", ""], []])
def test_texts_arrive_as_they_are(values: list[str]) -> None:
    sent = bindparam(None, values, ARRAY(Text()))
    with reading() as session:
        assert list(session.scalars(select(func.unnest(sent)))) == values


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_numbers_arrive_as_they_are() -> None:
    values = [0, -1, 2**31, 2**63 - 1, -(2**63)]
    with reading() as session:
        assert (
            list(session.scalars(select(func.unnest(bindparam(None, values, ARRAY(BigInteger())))))) == values
        )


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_a_text_that_no_database_can_hold_is_refused() -> None:
    with reading() as session, pytest.raises(DataError, match="NUL"):
        session.scalars(select(func.unnest(bindparam(None, ["a\0b", "c"], ARRAY(Text())))))


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_every_connection_writes_lists_at_once() -> None:
    with reading() as session:
        driver: Any = session.connection().connection.driver_connection
        sent = Transformer(driver).get_dumper(["a"], PyFormat.AUTO).dump(["a"])
    assert sent == b'{"a"}', "quoted, as the driver would not"


@pytest.mark.parametrize("values", [[1.5], [True], ["a", None], ["a", 1], [["a"]], [None], ["a\0"], []])
def test_everything_else_is_left_to_the_driver(values: list[Any]) -> None:
    assert array_text(values) is None
