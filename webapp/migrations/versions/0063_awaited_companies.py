"""contacts whose company is not here

Revision ID: 0063
Revises: 0062
Create Date: 2026-12-01 17:30:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0063'
down_revision = '0062'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('links', sa.Column('awaited_company', sa.String(length=30), nullable=True))


def downgrade() -> None:
    op.drop_column('links', 'awaited_company')
