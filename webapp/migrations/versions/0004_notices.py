"""notices

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-24 15:10:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('inbox_notices',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('remote_id', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('property', sa.String(length=100), nullable=True),
    sa.Column('value', sa.Text(), nullable=True),
    sa.Column('source', sa.String(length=60), nullable=False),
    sa.Column('source_id', sa.String(length=100), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_inbox_notices_connection_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_notices')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('inbox_notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_inbox_notices_connection_id_object_type_remote_id_id'), ['connection_id', 'object_type', 'remote_id', 'id'], unique=False)

    op.create_table('notice_counts',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('latest_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('day', 'name', name=op.f('pk_notice_counts'))
    )


def downgrade() -> None:
    op.drop_table('notice_counts')
    with op.batch_alter_table('inbox_notices', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_inbox_notices_connection_id_object_type_remote_id_id'))

    op.drop_table('inbox_notices')
