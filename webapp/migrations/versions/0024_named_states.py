"""named states

Revision ID: 0024
Revises: 0019
Create Date: 2026-11-29 14:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


# revision identifiers, used by Alembic.
revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'installations',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('mark', sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_installations')),
    )
    op.create_table(
        'file_imports',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column(
            'stored',
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql'),
            nullable=False,
        ),
        sa.Column('began_at', _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_file_imports')),
        sa.UniqueConstraint('object_type', 'digest', name=op.f('uq_file_imports_object_type')),
    )
    op.add_column('runs', sa.Column('allowed_seq', sa.Integer(), server_default=sa.text('0'), nullable=False))
    op.create_index(op.f('ix_runs_connection_id'), 'runs', ['connection_id', 'kind', 'id'])
    op.add_column('connections', sa.Column('restored_at', _MOMENT, nullable=True))
    op.add_column('mails', sa.Column('message_id', sa.String(length=300), nullable=True))
    op.add_column('mails', sa.Column('handed_at', _MOMENT, nullable=True))


def downgrade() -> None:
    # Who does not know the state would never look at such a mail again.
    op.execute("UPDATE mails SET state = 'failed' WHERE state = 'uncertain'")
    op.drop_column('mails', 'handed_at')
    op.drop_column('mails', 'message_id')
    op.drop_column('connections', 'restored_at')
    op.drop_index(op.f('ix_runs_connection_id'), 'runs')
    op.drop_column('runs', 'allowed_seq')
    op.drop_table('file_imports')
    op.drop_table('installations')
