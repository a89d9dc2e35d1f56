"""outbox versions

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-29 10:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('outbox_records', sa.Column('version', sa.String(length=32), server_default='', nullable=False))
    # What waits already gets a version that no edit makes up.
    op.execute(
        "UPDATE outbox_records SET version = CAST(connection_id AS VARCHAR(10)) || '/' || object_type "
        "|| '/' || CAST(record_id AS VARCHAR(10))"
    )
    op.add_column('runs', sa.Column('newest_edit_id', sa.Integer(), nullable=True))
    op.add_column('outbox_records', sa.Column('pushed_by_run_id', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('runs', 'newest_edit_id')
    op.drop_column('outbox_records', 'pushed_by_run_id')
    op.drop_column('outbox_records', 'version')
