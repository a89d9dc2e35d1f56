"""sessions

Revision ID: 0034
Revises: 0033
Create Date: 2026-11-29 21:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
HASH = sa.String(length=64).with_variant(sa.String(length=64, collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'login_sessions',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token_hash', HASH, nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('began_at', MOMENT, nullable=False),
        sa.Column('seen_at', MOMENT, nullable=False),
        sa.Column('address', sa.String(length=45), nullable=False),
        sa.Column('browser', sa.String(length=40), nullable=False),
        sa.Column('system', sa.String(length=40), nullable=False),
        *of_person('login_sessions'),
    )
    op.create_index(op.f('ix_login_sessions_user_id'), 'login_sessions', ['user_id'])
    op.create_table(
        'account_links',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token_hash', HASH, nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('purpose', sa.String(length=10), nullable=False),
        sa.Column('expires_at', MOMENT, nullable=False),
        *of_person('account_links'),
    )
    op.create_index(op.f('ix_account_links_user_id'), 'account_links', ['user_id'])
    op.create_table(
        'typed_forms',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('token_hash', HASH, nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('page', sa.String(length=2000), nullable=False),
        sa.Column('action', sa.String(length=2000), nullable=False),
        sa.Column('fields', sa.LargeBinary(), nullable=False),
        sa.Column('typed_at', MOMENT, nullable=False),
        *of_person('typed_forms'),
    )
    op.create_index(op.f('ix_typed_forms_user_id'), 'typed_forms', ['user_id'])
    op.add_column('users', sa.Column('time_zone', sa.String(length=64), nullable=True))
    op.add_column('users', sa.Column('language', sa.String(length=5), nullable=True))
    if op.get_bind().dialect.name == 'postgresql':
        # 0.1.0 reads it, and may be at work meanwhile; what is added to the table from now on names it no more.
        op.alter_column('users', 'session_epoch', server_default='0')
    else:
        op.drop_column('users', 'session_epoch')
    op.add_column('mails', sa.Column('purpose', sa.String(length=10), nullable=True))


def downgrade() -> None:
    # What an earlier version would send as a mail about a connection.
    op.execute("DELETE FROM mails WHERE purpose IS NOT NULL")
    op.drop_column('mails', 'purpose')
    # On PostgreSQL it may be there still: see above.
    is_kept = op.get_bind().dialect.name == 'postgresql'
    epoch = sa.Column('session_epoch', sa.Integer(), nullable=False, server_default='0')
    op.add_column('users', epoch, if_not_exists=is_kept or None)
    op.drop_column('users', 'language')
    op.drop_column('users', 'time_zone')
    op.drop_table('typed_forms')
    op.drop_table('account_links')
    op.drop_table('login_sessions')


def of_person(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f(f'fk_{table}_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('token_hash', name=op.f(f'uq_{table}_token_hash')),
    ]
