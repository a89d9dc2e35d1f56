"""rows of a file that are compared with each other

Revision ID: 0040
Revises: 0039
Create Date: 2026-11-30 00:45:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

JSON_DATA = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.add_column('csv_import_rows', sa.Column('compared', JSON_DATA, nullable=True))


def downgrade() -> None:
    op.drop_column('csv_import_rows', 'compared')
