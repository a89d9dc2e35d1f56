"""each record's own key is looked up by a pull, so it has an index

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-26 23:00:00.000000

"""
from alembic import op

# revision identifiers, used by Alembic.
revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('companies', 'contacts'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f'ix_{table}_uuid'), ['uuid'], unique=True)


def downgrade() -> None:
    for table in ('companies', 'contacts'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f'ix_{table}_uuid'))
