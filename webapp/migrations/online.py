"""Changes of large tables while the application works: the one module of ours that migrations import.

On PostgreSQL an index is built CONCURRENTLY, so that no writer waits for it. That is not possible within a
transaction, so such a migration may be interrupted half-way: it does nothing else, and can be repeated.
SQLite has one writer in any case, and is upgraded while nothing runs.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_IS_INVALID = sa.text(
    "SELECT NOT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE c.relname = :name AND pg_table_is_visible(c.oid)"
)

# It waits for transactions that are open already, and blocks nobody.
_WAIT_AS_LONG_AS_IT_TAKES = "SET lock_timeout = 0"


def create_index(
    name: str, table: str, columns: Sequence[str], *, unique: bool = False, where: str | None = None
) -> None:
    """Build an index on a table that may be large and in use.

    Args:
        name: of the index.
        table: on which it is.
        columns: in their order.
        unique: whether no two rows may have the same values.
        where: the condition of a partial index, as SQL; None for all rows.
    """
    condition = None if where is None else sa.text(where)
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, list(columns), unique=unique, if_not_exists=True, sqlite_where=condition)
        return
    with op.get_context().autocommit_block():
        op.execute(_WAIT_AS_LONG_AS_IT_TAKES)
        # An earlier, interrupted try leaves an index that is maintained but never used.
        if op.get_bind().execute(_IS_INVALID, {"name": name}).scalar():
            op.execute(f'DROP INDEX CONCURRENTLY "{name}"')
        op.create_index(
            name,
            table,
            list(columns),
            unique=unique,
            if_not_exists=True,
            postgresql_where=condition,
            postgresql_concurrently=True,
        )


def drop_index(name: str, table: str) -> None:
    """Drop an index of a table that is in use."""
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(name, table, if_exists=True)
        return
    with op.get_context().autocommit_block():
        op.execute(_WAIT_AS_LONG_AS_IT_TAKES)
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)


def widen_numbers(queue: str) -> None:
    """Number the rows of a queue with 64 bits, so that its numbers do not run out.

    Another type would have PostgreSQL write the table anew, and keep everybody from it meanwhile. So an empty
    table takes its place within a moment, and what waits in the former one moves over afterwards. The queue
    must have no index but that of its key. SQLite's numbers have 64 bits in any case.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    former = f"{queue}_narrow"
    if op.get_bind().scalar(_TYPE_OF_NUMBER, {"table": queue}) != "bigint":
        for statement in _REPLACED:
            op.execute(statement.format(queue=queue, former=former, new=f"{queue}_wide"))
    with op.get_context().autocommit_block():
        # An interrupted try leaves the former table, whole or gone.
        if sa.inspect(op.get_bind()).has_table(former):
            op.execute(_MOVED.format(queue=queue, former=former))
            op.drop_table(former)


_TYPE_OF_NUMBER = sa.text(
    "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
    " WHERE attrelid = to_regclass(:table) AND attname = 'id'"
)
_MOVED = 'INSERT INTO "{queue}" SELECT * FROM "{former}" ON CONFLICT DO NOTHING'
_REPLACED = (
    'CREATE TABLE "{new}" (LIKE "{queue}" INCLUDING DEFAULTS)',
    'ALTER TABLE "{new}" ALTER COLUMN id TYPE bigint',
    'ALTER TABLE "{queue}" RENAME TO "{former}"',
    'ALTER INDEX "pk_{queue}" RENAME TO "pk_{former}"',
    'ALTER TABLE "{new}" RENAME TO "{queue}"',
    'ALTER TABLE "{queue}" ADD CONSTRAINT "pk_{queue}" PRIMARY KEY (id)',
    'ALTER SEQUENCE "{queue}_id_seq" AS bigint OWNED BY "{queue}".id',
)
"""The statements of one transaction; it waits for nothing but the lock, since the new table is empty."""
