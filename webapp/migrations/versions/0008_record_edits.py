"""record edits

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-26 18:10:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('record_edits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.Column('changes', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_record_edits_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record_edits')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('record_edits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_record_edits_object_type_record_id_id'), ['object_type', 'record_id', 'id'], unique=False)


    op.create_table('privacy_deletions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('remote_id', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=True),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('is_erased', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_privacy_deletions_connection_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['users.id'], name=op.f('fk_privacy_deletions_settled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_deletions')),
    sa.UniqueConstraint('connection_id', 'object_type', 'remote_id', name=op.f('uq_privacy_deletions_connection_id_object_type_remote_id'))
    )


def downgrade() -> None:
    op.drop_table('privacy_deletions')
    with op.batch_alter_table('record_edits', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_record_edits_object_type_record_id_id'))
    op.drop_table('record_edits')
