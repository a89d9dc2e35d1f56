"""contacts by the company that is not here

Revision ID: 0064
Revises: 0063
Create Date: 2026-12-01 17:31:00.000000

"""
from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0064'
down_revision = '0063'
branch_labels = None
depends_on = None

_NAME = 'ix_links_awaited_company'


def upgrade() -> None:
    online.create_index(
        _NAME, 'links', ['connection_id', 'awaited_company'], where='awaited_company IS NOT NULL'
    )


def downgrade() -> None:
    online.drop_index(_NAME, 'links')
