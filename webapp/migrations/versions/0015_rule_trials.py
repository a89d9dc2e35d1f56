"""rule trials

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-27 16:55:04.838236

"""
from alembic import op
import sqlalchemy as sa
# Generated code names the text type of JSON columns without its module.
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rule_trials',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('direction', sa.String(length=3), nullable=False),
    sa.Column('rule', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('after_id', sa.Integer(), nullable=False),
    sa.Column('counted', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('is_done', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_rule_trials_connection_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_trials'))
    )


def downgrade() -> None:
    op.drop_table('rule_trials')
