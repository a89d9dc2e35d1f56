"""counts of lists

Revision ID: 0052
Revises: 0051
Create Date: 2026-11-30 04:25:00.000000

"""
from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None

_INDEXES = {
    'possible_duplicates': [['strength', 'sign', 'object_type', 'state', 'id']],
    'failing_records': [['connection_id', 'object_type', 'record_id'], ['connection_id', 'run_id']],
}


def upgrade() -> None:
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            online.create_index(f'ix_{table}_{"_".join(columns)}', table, columns)


def downgrade() -> None:
    for table, indexes in _INDEXES.items():
        for columns in indexes:
            online.drop_index(f'ix_{table}_{"_".join(columns)}', table)
