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
    is_postgresql = op.get_bind().dialect.name == 'postgresql'
    # Both databases add it without touching a row; a batch operation of SQLite would copy the log. On PostgreSQL an
    # earlier, interrupted try may have added it.
    op.add_column(
        'log_entries',
        sa.Column('is_association', sa.Boolean(), nullable=False, server_default=sa.false()),
        if_not_exists=is_postgresql or None,
    )
    op.add_column(
        'runs',
        sa.Column('parts', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
        if_not_exists=is_postgresql or None,
    )
    if is_postgresql:
        # Behind the change of the table, for which everybody else waits until its transaction ends.
        with op.get_context().autocommit_block():
            _mark_associations()
    else:
        _mark_associations()


def _mark_associations() -> None:
    listed = ', '.join(f"'{reason}'" for reason in REASONS)
    op.execute(
        "UPDATE log_entries SET is_association = true WHERE object_type = 'contacts' "
        f'AND reason IN ({listed})'
    )


def downgrade() -> None:
    op.drop_column('runs', 'parts')
    op.drop_column('log_entries', 'is_association')
