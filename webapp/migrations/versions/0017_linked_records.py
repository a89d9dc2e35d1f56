"""linked records

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-28 23:20:11.318204

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

# Table, what the index is called, and its columns.
UNLINKED = (
    ('companies', 'phone', ['phone_key']),
    ('companies', 'place', ['place_key']),
    ('contacts', 'phone', ['phone_key']),
    ('contacts', 'place', ['place_key']),
    ('contacts', 'initials', ['company_id', 'initials_key']),
)
BEFORE = (
    ('companies', ['phone_key']),
    ('companies', ['place_key']),
    ('contacts', ['place_key']),
    ('contacts', ['company_id', 'initials_key']),
)


def upgrade() -> None:
    for table, columns in BEFORE:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table_name=table)
    for table in ('companies', 'contacts'):
        op.add_column(table, sa.Column('is_linked', sa.Boolean(), server_default=sa.false(), nullable=False))
        op.execute(
            f"UPDATE {table} SET is_linked = true WHERE (SELECT count(*) FROM connections) = 1 AND EXISTS "
            f"(SELECT 1 FROM links WHERE links.object_type = '{table}' AND links.record_id = {table}.id)"
        )
    for table, name, columns in UNLINKED:
        op.create_index(f'ix_{table}_unlinked_{name}', table, columns, sqlite_where=sa.text('is_linked IS 0'), postgresql_where=sa.text('is_linked IS false'))


def downgrade() -> None:
    for table, name, _ in UNLINKED:
        op.drop_index(f'ix_{table}_unlinked_{name}', table_name=table)
    for table in ('companies', 'contacts'):
        op.drop_column(table, 'is_linked')
    for table, columns in BEFORE:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
