"""people who were erased

Revision ID: 0048
Revises: 0041
Create Date: 2026-11-30 02:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0048'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'erasures',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('began_by_id', sa.Integer(), nullable=True),
        sa.Column('counts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=True),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['began_by_id'], ['users.id'], name=op.f('fk_erasures_began_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
        sqlite_autoincrement=True,
    )
    op.create_table(
        'erased_addresses',
        sa.Column('mark', sa.String(length=64).with_variant(sa.String(length=64, collation='C'), 'postgresql'), nullable=False),
        sa.Column('erasure_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['erasure_id'], ['erasures.id'], name=op.f('fk_erased_addresses_erasure_id')),
        sa.PrimaryKeyConstraint('mark', name=op.f('pk_erased_addresses')),
    )
    op.add_column('installations', sa.Column('erasure_key', sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column('installations', 'erasure_key')
    op.drop_table('erased_addresses')
    op.drop_table('erasures')
