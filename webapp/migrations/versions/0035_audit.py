"""audit

Revision ID: 0035
Revises: 0034
Create Date: 2026-11-29 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

JSON_DATA = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'audit_entries',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('via', sa.String(length=10), nullable=False),
        sa.Column('address', sa.String(length=45), nullable=False),
        sa.Column('area', sa.String(length=20), nullable=False),
        sa.Column('action', sa.String(length=40), nullable=False),
        sa.Column('detail', JSON_DATA, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_audit_entries_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries')),
    )
    op.create_index(op.f('ix_audit_entries_at_id'), 'audit_entries', ['at', 'id'])
    op.create_index(op.f('ix_audit_entries_user_id_at_id'), 'audit_entries', ['user_id', 'at', 'id'])
    op.create_index(op.f('ix_audit_entries_area_at_id'), 'audit_entries', ['area', 'at', 'id'])


def downgrade() -> None:
    op.drop_table('audit_entries')
