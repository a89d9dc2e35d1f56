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

_HAS_DOMAIN = sa.text('domain_key IS NOT NULL')


def upgrade() -> None:
    # No slice has the fence 0: what was announced before is under way no more.
    op.add_column('announced_associations', sa.Column('fence', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.create_index(
        op.f('ix_remote_objects_domain_key'),
        'remote_objects',
        ['connection_id', 'object_type', 'domain_key'],
        sqlite_where=_HAS_DOMAIN,
        postgresql_where=_HAS_DOMAIN,
    )


def downgrade() -> None:
    op.drop_index(op.f('ix_remote_objects_domain_key'), 'remote_objects')
    op.drop_column('announced_associations', 'fence')
