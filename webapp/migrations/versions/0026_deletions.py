"""deletions

Revision ID: 0026
Revises: 0025
Create Date: 2026-11-29 17:50:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

INDEXES = {
    'uq_runs_one_running': ('running', ['connection_id']),
    'uq_runs_one_waiting': ('queued', ['connection_id', 'kind', 'is_preview']),
}
BEFORE = "'pull', 'push', 'undo'"
AFTER = f"{BEFORE}, 'delete'"


def upgrade() -> None:
    make_again(AFTER)


def downgrade() -> None:
    # Who does not know the kind could not work such a run off.
    op.execute("UPDATE runs SET state = 'cancelled' WHERE kind = 'delete' AND state IN ('queued', 'running')")
    make_again(BEFORE)


def make_again(kinds: str) -> None:
    for name, (state, columns) in INDEXES.items():
        condition = sa.text(f"state = '{state}' AND kind IN ({kinds})")
        op.drop_index(name, 'runs')
        op.create_index(
            name, 'runs', columns, unique=True, sqlite_where=condition, postgresql_where=condition
        )
