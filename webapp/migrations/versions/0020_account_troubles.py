"""account troubles

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-29 14:20:11.318402

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column: other tables point to this one, which a batch would replace on SQLite.
    for column in (
        sa.Column('trouble', sa.String(length=40), nullable=True),
        sa.Column('trouble_text', sa.Text(), nullable=True),
        sa.Column('trouble_since', sa.DateTime(timezone=True), nullable=True),
        sa.Column('trouble_attempts', sa.Integer(), server_default='0', nullable=False),
        sa.Column('trouble_ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('probe_at', sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column('connections', column)

    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.add_column(sa.Column('problem', sa.Text(), nullable=True))
        batch_op.alter_column('run_id', existing_type=sa.INTEGER(), nullable=True)


def downgrade() -> None:
    op.execute(sa.text('DELETE FROM mails WHERE run_id IS NULL'))
    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.alter_column('run_id', existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column('problem')

    for name in ('probe_at', 'trouble_ended_at', 'trouble_attempts', 'trouble_since', 'trouble_text', 'trouble'):
        op.drop_column('connections', name)
