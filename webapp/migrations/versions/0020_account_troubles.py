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
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('trouble', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('trouble_text', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('trouble_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('trouble_attempts', sa.Integer(), server_default=sa.text('0'), nullable=False))
        batch_op.add_column(sa.Column('trouble_ended_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('probe_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.add_column(sa.Column('problem', sa.Text(), nullable=True))
        batch_op.alter_column('run_id', existing_type=sa.INTEGER(), nullable=True)


def downgrade() -> None:
    op.execute(sa.text('DELETE FROM mails WHERE run_id IS NULL'))
    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.alter_column('run_id', existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column('problem')

    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.drop_column('probe_at')
        batch_op.drop_column('trouble_ended_at')
        batch_op.drop_column('trouble_attempts')
        batch_op.drop_column('trouble_since')
        batch_op.drop_column('trouble_text')
        batch_op.drop_column('trouble')
