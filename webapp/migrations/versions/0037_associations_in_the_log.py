"""associations in the log

Revision ID: 0037
Revises: 0036
Create Date: 2026-11-29 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


# revision identifiers, used by Alembic.
revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

REASONS = ('associated', 'association_refused', 'association_unreadable', 'undone_association')


def upgrade() -> None:
    # Both databases add it without touching a row; a batch operation of SQLite would copy the log.
    op.add_column(
        'log_entries', sa.Column('is_association', sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        'runs', sa.Column('parts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True)
    )
    listed = ', '.join(f"'{reason}'" for reason in REASONS)
    op.execute(
        "UPDATE log_entries SET is_association = true WHERE object_type = 'contacts' "
        f'AND reason IN ({listed})'
    )


def downgrade() -> None:
    op.drop_column('runs', 'parts')
    op.drop_column('log_entries', 'is_association')
