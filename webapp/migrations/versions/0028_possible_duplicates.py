"""possible duplicates

Revision ID: 0028
Revises: 0027
Create Date: 2026-11-29 18:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_DATA = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
KEY_TEXT = sa.String(length=330).with_variant(sa.String(length=330, collation='C'), 'postgresql')
KEPT = sa.text('kept IS NOT NULL')
BULK_BEFORE = "kind IN ('pull', 'push', 'undo', 'delete')"
BULK = "kind IN ('pull', 'push', 'undo', 'delete', 'merge_duplicates')"


def upgrade() -> None:
    op.create_table(
        'possible_duplicates',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('lower_id', sa.Integer(), nullable=False),
        sa.Column('higher_id', sa.Integer(), nullable=False),
        sa.Column('evidence', sa.String(length=1000), nullable=False),
        sa.Column('sign', sa.String(length=40), nullable=False),
        sa.Column('points', sa.Integer(), nullable=False),
        sa.Column('strength', sa.String(length=10), nullable=False),
        sa.Column('found_by', sa.String(length=10), nullable=False),
        sa.Column('state', sa.String(length=15), nullable=False),
        sa.Column('found_at', MOMENT, nullable=False),
        sa.Column('decided_at', MOMENT, nullable=True),
        sa.Column('decided_by_id', sa.Integer(), nullable=True),
        sa.Column('announced', JSON_DATA, nullable=True),
        sa.ForeignKeyConstraint(['decided_by_id'], ['users.id'], name=op.f('fk_possible_duplicates_decided_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_possible_duplicates')),
        sa.UniqueConstraint('object_type', 'lower_id', 'higher_id', name=op.f('uq_possible_duplicates_object_type_lower_id_higher_id')),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_possible_duplicates_object_type_higher_id'), 'possible_duplicates', ['object_type', 'higher_id'])
    op.create_index('ix_possible_duplicates_state', 'possible_duplicates', ['state', 'object_type', 'points', 'id'])
    op.create_table(
        'scan_keys',
        sa.Column('run_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('key', KEY_TEXT, nullable=False),
        sa.Column('record_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint('run_id', 'object_type', 'key', 'record_id', name=op.f('pk_scan_keys')),
        sqlite_with_rowid=False,
    )
    op.add_column('merged_records', sa.Column('kept', JSON_DATA, nullable=True))
    op.create_index('ix_merged_records_kept', 'merged_records', ['merged_at'], sqlite_where=KEPT, postgresql_where=KEPT)
    index_runs(BULK)


def downgrade() -> None:
    op.execute("DELETE FROM log_entries WHERE run_id IN (SELECT id FROM runs WHERE kind IN ('merge_duplicates', 'find_duplicates'))")
    op.execute("DELETE FROM runs WHERE kind IN ('merge_duplicates', 'find_duplicates')")
    index_runs(BULK_BEFORE)
    op.drop_index('ix_merged_records_kept', 'merged_records')
    op.drop_column('merged_records', 'kept')
    op.drop_table('scan_keys')
    op.drop_index('ix_possible_duplicates_state', 'possible_duplicates')
    op.drop_index(op.f('ix_possible_duplicates_object_type_higher_id'), 'possible_duplicates')
    op.drop_table('possible_duplicates')


def index_runs(is_bulk: str) -> None:
    """The indexes that say which kinds are bulk work."""
    for name, state, columns in (
        ('uq_runs_one_running', 'running', ['connection_id']),
        ('uq_runs_one_waiting', 'queued', ['connection_id', 'kind', 'is_preview']),
    ):
        where = sa.text(f"state = '{state}' AND {is_bulk}")
        op.drop_index(name, 'runs')
        op.create_index(name, 'runs', columns, unique=True, sqlite_where=where, postgresql_where=where)
