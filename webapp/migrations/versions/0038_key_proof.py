"""what only the right ENCRYPTION_KEY can read

Revision ID: 0038
Revises: 0037
Create Date: 2026-11-29 22:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('installations', sa.Column('key_proof', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('installations', 'key_proof')
