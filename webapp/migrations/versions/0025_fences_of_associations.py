"""the slice that announced an association, and companies at HubSpot by their domain

Revision ID: 0025
Revises: 0024
Create Date: 2026-11-29 18:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None



def upgrade() -> None:
    # No slice has the fence 0: what was announced before is under way no more.
    op.add_column('announced_associations', sa.Column('fence', sa.Integer(), server_default=sa.text('0'), nullable=False))


def downgrade() -> None:
    op.drop_column('announced_associations', 'fence')
