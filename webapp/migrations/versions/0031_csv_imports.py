"""csv imports

Revision ID: 0031
Revises: 0030
Create Date: 2026-11-29 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_DATA = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def key_text(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length=length).with_variant(sa.String(length=length, collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'csv_imports',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('file_name', sa.String(length=200), nullable=False),
        sa.Column('size_bytes', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('layout', JSON_DATA, nullable=False),
        sa.Column('columns', JSON_DATA, nullable=True),
        sa.Column('again', sa.Boolean(), nullable=False),
        sa.Column('foreseen', JSON_DATA, nullable=True),
        sa.Column('check_id', sa.Integer(), nullable=True),
        sa.Column('run_id', sa.Integer(), nullable=True),
        sa.Column('uploaded_at', MOMENT, nullable=False),
        sa.Column('uploaded_by_id', sa.Integer(), nullable=True),
        sa.Column('touched_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['uploaded_by_id'], ['users.id'], name=op.f('fk_csv_imports_uploaded_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_csv_imports')),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_csv_imports_object_type'), 'csv_imports', ['object_type', 'id'])
    op.create_index(op.f('ix_csv_imports_touched_at'), 'csv_imports', ['touched_at'])
    op.create_table(
        'csv_import_parts',
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['import_id'], ['csv_imports.id'], name=op.f('fk_csv_import_parts_import_id')),
        sa.PrimaryKeyConstraint('import_id', 'number', name=op.f('pk_csv_import_parts')),
    )
    op.create_table(
        'csv_import_rows',
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('outcome', sa.String(length=20), nullable=False),
        sa.Column('record_id', sa.Integer(), nullable=True),
        sa.Column('name', sa.String(length=300), nullable=False),
        sa.Column('changes', JSON_DATA, nullable=True),
        sa.Column('errors', JSON_DATA, nullable=True),
        sa.Column('warnings', JSON_DATA, nullable=True),
        sa.Column('values', JSON_DATA, nullable=True),
        sa.Column('alike', JSON_DATA, nullable=True),
        sa.Column('is_alike', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['import_id'], ['csv_imports.id'], name=op.f('fk_csv_import_rows_import_id')),
        sa.PrimaryKeyConstraint('import_id', 'number', name=op.f('pk_csv_import_rows')),
        sqlite_with_rowid=False,
    )
    op.create_index('ix_csv_import_rows_outcome', 'csv_import_rows', ['import_id', 'outcome', 'number'])
    op.create_index('ix_csv_import_rows_alike', 'csv_import_rows', ['import_id', 'is_alike', 'number'])
    op.create_table(
        'csv_import_tokens',
        sa.Column('import_id', sa.Integer(), nullable=False),
        sa.Column('token', key_text(64), nullable=False),
        sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(['import_id'], ['csv_imports.id'], name=op.f('fk_csv_import_tokens_import_id')),
        sa.PrimaryKeyConstraint('import_id', 'token', 'number', name=op.f('pk_csv_import_tokens')),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f('ix_csv_import_tokens_import_id'), 'csv_import_tokens', ['import_id', 'number'])
    op.create_table(
        'csv_columns',
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('heading', key_text(100), nullable=False),
        sa.Column('column', sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint('object_type', 'heading', name=op.f('pk_csv_columns')),
    )


def downgrade() -> None:
    # Who does not know the kind could not work such a run off, nor show it.
    op.execute("DELETE FROM log_entries WHERE run_id IN (SELECT id FROM runs WHERE kind = 'import')")
    op.execute("DELETE FROM runs WHERE kind = 'import'")
    for table in ('csv_columns', 'csv_import_tokens', 'csv_import_rows', 'csv_import_parts', 'csv_imports'):
        op.drop_table(table)
