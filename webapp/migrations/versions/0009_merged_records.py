"""merged records

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-26 19:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('merged_records',
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('loser_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('winner_id', sa.Integer(), nullable=False),
    sa.Column('merged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('merged_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['merged_by_id'], ['users.id'], name=op.f('fk_merged_records_merged_by_id')),
    sa.PrimaryKeyConstraint('object_type', 'loser_id', name=op.f('pk_merged_records'))
    )
    with op.batch_alter_table('merged_records', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_merged_records_winner_id'), ['winner_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('merged_records', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_merged_records_winner_id'))
    op.drop_table('merged_records')
