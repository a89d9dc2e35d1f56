"""creation checks

Revision ID: 0023
Revises: 0019
Create Date: 2026-11-29 13:55:00.000000

"""
from alembic import op
import sqlalchemy as sa
# Generated code names the text type of JSON columns without its module.
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql


# revision identifiers, used by Alembic.
revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('creation_checks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('survivor_id', sa.String(length=30), nullable=True),
    sa.Column('moving', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_creation_checks_connection_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_creation_checks')),
    sa.UniqueConstraint('connection_id', 'object_type', 'record_id', name=op.f('uq_creation_checks_connection_id_object_type_record_id'))
    )
    with op.batch_alter_table('creation_checks', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_creation_checks_connection_id_not_before'), ['connection_id', 'not_before'], unique=False)


def downgrade() -> None:
    op.drop_table('creation_checks')
