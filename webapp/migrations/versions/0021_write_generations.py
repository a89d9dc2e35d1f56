"""write generations

Revision ID: 0021
Revises: 0019
Create Date: 2026-11-29 14:10:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

KEY_TEXT = sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql')
JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('write_generations',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_write_generations_connection_id')),
    sa.PrimaryKeyConstraint('connection_id', name=op.f('pk_write_generations'))
    )
    op.create_table('unlinked_writes',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('remote_id', KEY_TEXT, nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_unlinked_writes_connection_id')),
    sa.PrimaryKeyConstraint('connection_id', 'object_type', 'remote_id', name=op.f('pk_unlinked_writes'))
    )
    op.add_column('links', sa.Column('generation', sa.Integer(), server_default='0', nullable=False))
    op.add_column('announced_creates', sa.Column('fence', sa.Integer(), server_default='0', nullable=False))
    op.add_column('announced_creates', sa.Column('changes', JSON, server_default='[]', nullable=False))
    op.add_column('announced_updates', sa.Column('run_id', sa.Integer(), server_default='0', nullable=False))
    op.add_column('announced_updates', sa.Column('fence', sa.Integer(), server_default='0', nullable=False))
    op.add_column('announced_updates', sa.Column('remote_id', KEY_TEXT, nullable=True))
    op.execute(
        "UPDATE announced_updates SET remote_id = (SELECT links.remote_id FROM links "
        "WHERE links.connection_id = announced_updates.connection_id "
        "AND links.object_type = announced_updates.object_type "
        "AND links.record_id = announced_updates.record_id)"
    )
    # What was announced and is in no log yet belongs to the run that wrote to HubSpot last.
    op.execute(
        "UPDATE announced_updates SET run_id = COALESCE((SELECT MAX(runs.id) FROM runs "
        "WHERE runs.connection_id = announced_updates.connection_id "
        "AND runs.kind IN ('push', 'push_record', 'auto_push', 'undo') AND runs.started_at IS NOT NULL), 0)"
    )


def downgrade() -> None:
    op.drop_column('announced_updates', 'remote_id')
    op.drop_column('announced_updates', 'fence')
    op.drop_column('announced_updates', 'run_id')
    op.drop_column('announced_creates', 'changes')
    op.drop_column('announced_creates', 'fence')
    op.drop_column('links', 'generation')
    op.drop_table('unlinked_writes')
    op.drop_table('write_generations')
