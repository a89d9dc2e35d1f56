"""wide numbers

Revision ID: 0060
Revises: 0059
Create Date: 2026-12-01 01:40:00.000000

"""
from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0060'
down_revision = '0059'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The queue of searches takes a number for every changed record, again and again."""
    online.widen_numbers('search_changes')


def downgrade() -> None:
    """The version before reads wide numbers as well."""
