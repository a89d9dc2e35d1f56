"""announced updates

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-24 15:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('announced_updates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('changes', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_announced_updates_connection_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announced_updates')),
    sa.UniqueConstraint('connection_id', 'object_type', 'record_id', name=op.f('uq_announced_updates_connection_id_object_type_record_id'))
    )


def downgrade() -> None:
    op.drop_table('announced_updates')
