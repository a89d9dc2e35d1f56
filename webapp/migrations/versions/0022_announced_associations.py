"""announced associations

Revision ID: 0022
Revises: 0019
Create Date: 2026-11-29 13:26:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

KEY_TEXT = sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('announced_associations',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('remote_id', KEY_TEXT, nullable=True),
    sa.Column('company_id', sa.Integer(), nullable=True),
    sa.Column('company_remote_id', sa.String(length=30), nullable=True),
    sa.Column('prior_remote_id', sa.String(length=30), nullable=True),
    sa.Column('was_associated', sa.Boolean(), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_announced_associations_connection_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announced_associations')),
    sa.UniqueConstraint('connection_id', 'object_type', 'record_id', name=op.f('uq_announced_associations_connection_id_object_type_record_id'))
    )


def downgrade() -> None:
    op.drop_table('announced_associations')
