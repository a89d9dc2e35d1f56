"""unchanged links in stretches, room for changes on PostgreSQL's pages

Revision ID: 0042
Revises: 0040
Create Date: 2026-11-30 00:30:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0042'
down_revision = '0040'
branch_labels = None
depends_on = None

# Of each page so many percent are filled by inserts; the rest is for rows that change, which then need no
# new entries in the indexes. Runs change with every page of records, links with every push.
FILLED = {'links': 85, 'runs': 50}


def upgrade() -> None:
    op.create_table(
        'unchanged_links',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('first_link_id', sa.Integer(), nullable=False),
        sa.Column('last_link_id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_unchanged_links_connection_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_unchanged_links')),
    )
    op.create_index(
        op.f('ix_unchanged_links_connection_id_object_type_last_link_id'),
        'unchanged_links',
        ['connection_id', 'object_type', 'last_link_id'],
    )
    if op.get_bind().dialect.name == 'postgresql':
        for table, percent in FILLED.items():
            op.execute(f'ALTER TABLE {table} SET (fillfactor = {percent})')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        for table in FILLED:
            op.execute(f'ALTER TABLE {table} RESET (fillfactor)')
    op.execute(
        "UPDATE links SET last_outcome = 'unchanged', last_reason = NULL, pulled_at = (SELECT max(at) FROM unchanged_links u"
        " WHERE u.connection_id = links.connection_id AND u.object_type = links.object_type"
        " AND u.first_link_id <= links.id AND u.last_link_id >= links.id)"
        " WHERE EXISTS (SELECT 1 FROM unchanged_links u WHERE u.connection_id = links.connection_id"
        " AND u.object_type = links.object_type AND u.first_link_id <= links.id AND u.last_link_id >= links.id"
        " AND (links.pulled_at IS NULL OR u.at > links.pulled_at) AND (links.pushed_at IS NULL OR u.at > links.pushed_at))"
    )
    op.drop_table('unchanged_links')
