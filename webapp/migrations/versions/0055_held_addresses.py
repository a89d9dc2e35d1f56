"""held addresses

Revision ID: 0055
Revises: 0053
Create Date: 2026-11-30 11:20:00.000000

"""
from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0055'
down_revision = '0053'
branch_labels = None
depends_on = None

_NAME = 'ix_remote_objects_held_email'


def upgrade() -> None:
    online.create_index(
        _NAME,
        'remote_objects',
        ['connection_id', 'email_key'],
        where="state = 'held' AND email_key IS NOT NULL",
    )


def downgrade() -> None:
    online.drop_index(_NAME, 'remote_objects')
