"""reconcile

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-26 17:45:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('announced_properties',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('property', sa.String(length=100), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_announced_properties_connection_id')),
    sa.PrimaryKeyConstraint('connection_id', 'object_type', 'property', name=op.f('pk_announced_properties'))
    )
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reconciled_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('compared_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.add_column(sa.Column('listed_run_id', sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.drop_column('listed_run_id')
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.drop_column('compared_at')
        batch_op.drop_column('reconciled_at')
    op.drop_table('announced_properties')
