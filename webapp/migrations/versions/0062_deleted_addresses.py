"""deleted addresses

Revision ID: 0062
Revises: 0061
Create Date: 2026-12-01 14:15:00.000000

"""
from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0062'
down_revision = '0061'
branch_labels = None
depends_on = None

_NAME = 'ix_remote_objects_ignored_email'


def upgrade() -> None:
    online.create_index(
        _NAME,
        'remote_objects',
        ['connection_id', 'email_key'],
        where="state = 'ignored' AND email_key IS NOT NULL",
    )


def downgrade() -> None:
    online.drop_index(_NAME, 'remote_objects')
