"""merges in HubSpot that were announced

Revision ID: 0039
Revises: 0038
Create Date: 2026-11-30 00:35:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

IS_ANNOUNCED = sa.text('announced IS NOT NULL')


def upgrade() -> None:
    op.create_index(
        'ix_possible_duplicates_announced',
        'possible_duplicates',
        ['id'],
        sqlite_where=IS_ANNOUNCED,
        postgresql_where=IS_ANNOUNCED,
    )


def downgrade() -> None:
    op.drop_index('ix_possible_duplicates_announced', table_name='possible_duplicates')
