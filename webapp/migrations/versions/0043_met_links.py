"""what a comparison of everything has met, in stretches of links

Revision ID: 0043
Revises: 0042
Create Date: 2026-11-30 00:40:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'met_links',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('first_link_id', sa.Integer(), nullable=False),
        sa.Column('last_link_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_met_links_connection_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_met_links')),
    )
    op.create_index(
        op.f('ix_met_links_connection_id_run_id_object_type_first_link_id'),
        'met_links',
        ['connection_id', 'run_id', 'object_type', 'first_link_id'],
    )
    # A comparison that is under way asks once more for what it had met by then. `links.listed_run_id`, of which nothing
    # is read any more, stays for a release: the version before reads and writes it while this one is installed.


def downgrade() -> None:
    # It is gone where this migration ran in its first form.
    if 'listed_run_id' not in {column['name'] for column in sa.inspect(op.get_bind()).get_columns('links')}:
        op.add_column('links', sa.Column('listed_run_id', sa.Integer(), nullable=True))
    op.drop_table('met_links')
