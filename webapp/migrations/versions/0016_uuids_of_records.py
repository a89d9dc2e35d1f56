"""uuids of records

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-28 22:51:47.556871

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_given = sa.text("uuid != ''")
    for table in ('companies', 'contacts'):
        op.drop_index(op.f(f'ix_{table}_uuid'), table_name=table)
        op.create_index(f'ix_{table}_uuid', table, ['uuid'], unique=True, sqlite_where=is_given, postgresql_where=is_given)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    made_up = 'lower(hex(randomblob(16)))' if is_sqlite else 'CAST(gen_random_uuid() AS TEXT)'
    for table in ('companies', 'contacts'):
        op.drop_index(f'ix_{table}_uuid', table_name=table)
        op.execute(f"UPDATE {table} SET uuid = {made_up} WHERE uuid = ''")
        op.create_index(op.f(f'ix_{table}_uuid'), table, ['uuid'], unique=True)
