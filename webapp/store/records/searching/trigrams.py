"""The indexes of trigrams behind searches: FTS5's on SQLite, pg_trgm's on PostgreSQL."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    TableClause,
    and_,
    column,
    func,
    literal,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.searching import SHORTEST_PART, Parts, Search, Term
from webapp.store.database.lists import dialect_of
from webapp.store.records.searching.texts import TEXTS

_LIKE_ESCAPE = "\\"
_HAS_INDEX = text("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'ix\\_%\\_texts\\_trigrams'")


def found_ids(session: Session, object_type: ObjectType, search: Search) -> Select[Any]:
    """The numbers of the records whose text has all words, as a query by the index."""
    texts = TEXTS[object_type]
    has_terms = has_all_terms(session, texts.text, search)
    if dialect_of(session) != "sqlite":
        return select(texts.id).where(has_terms)
    return select(texts.id).where(*by_fts(object_type, search), has_terms)


@cache
def fts_table(object_type: ObjectType) -> TableClause:
    """SQLite's index; its rows have the numbers of the records."""
    return table(f"{TEXTS[object_type].__tablename__}_trigrams", column("rowid", Integer))


def by_fts(object_type: ObjectType, search: Search) -> tuple[ColumnElement[bool], ...]:
    """The conditions that have SQLite's index find the texts with the trigrams of all words."""
    texts, index = TEXTS[object_type], fts_table(object_type)
    return texts.id == index.c.rowid, column(index.name).op("MATCH")(_fts_query(search.terms))


def has_all_terms(
    session: Session, column_: Any, search: Search, *, is_walked: bool = False
) -> ColumnElement[bool]:
    """Whether a text has all words.

    Args:
        session: Where to read.
        column_: The text.
        search: The words.
        is_walked: Whether texts are gone through one by one. PostgreSQL expects a `strpos` to be true so
            often that it walks along the numbers, and has no index for it.
    """
    is_sqlite = dialect_of(session) == "sqlite"

    def contains(part: str) -> ColumnElement[bool]:
        if is_sqlite:
            return func.instr(column_, part) > 0
        if is_walked:
            return func.strpos(column_, part) > 0
        like: ColumnElement[bool] = column_.like(f"%{_escaped(part)}%", escape=_LIKE_ESCAPE)
        return like

    def has(word: Term) -> ColumnElement[bool]:
        return or_(*(and_(*map(contains, way)) for way in word.ways))

    return and_(*map(has, search.terms))


def has_no_index(session: Session) -> bool:
    """Whether PostgreSQL lacks the indexes, since its role may not have made their extension."""
    return dialect_of(session) == "postgresql" and session.scalar(_HAS_INDEX) != len(TEXTS)


def make_index(session: Session) -> bool:
    """Make the indexes that are missing; False where PostgreSQL does not allow its extension."""
    try:
        with session.begin_nested():
            session.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError:
        return False
    for texts in TEXTS.values():
        name = texts.__tablename__
        session.execute(
            text(
                f"CREATE INDEX IF NOT EXISTS ix_{name}_trigrams ON {name} USING gin (text gin_trgm_ops)"
                " WITH (gin_pending_list_limit = 256)"
            )
        )
    return True


def _fts_query(terms: Sequence[Term]) -> Any:
    """Words as FTS5 is asked for them: by trigrams alone, since the index does not know where they stand."""
    return literal(" AND ".join(f"({_any_way(word)})" for word in terms if word.is_indexed))


def _any_way(word: Term) -> str:
    return " OR ".join(f"({_all_parts(way)})" for way in word.ways)


def _all_parts(way: Parts) -> str:
    return " AND ".join(_quoted(one) for part in way for one in _trigrams(part))


def _trigrams(part: str) -> list[str]:
    return [part[place : place + SHORTEST_PART] for place in range(len(part) - SHORTEST_PART + 1)]


def _quoted(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'


def _escaped(part: str) -> str:
    for special in (_LIKE_ESCAPE, "%", "_"):
        part = part.replace(special, f"{_LIKE_ESCAPE}{special}")
    return part
