"""keys of houses and towns

Revision ID: 0041
Revises: 0046
Create Date: 2026-11-30 00:30:00.000000

"""
from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0041'
down_revision = '0046'
branch_labels = None
depends_on = None

_UNLINKED = (('house', 'house_key'), ('town', 'town_key'))


def _key(length: int) -> sa.String:
    return sa.String(length=length).with_variant(sa.String(length=length, collation='C'), 'postgresql')


def upgrade() -> None:
    """What these columns hold of the records that are there is computed beside everything else."""
    op.create_table(
        'key_renewals',
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('after_id', sa.Integer(), nullable=False),
        sa.Column('is_done', sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint('object_type', name=op.f('pk_key_renewals')),
    )
    for name, column in _UNLINKED:
        op.add_column('contacts', sa.Column(column, _key(60), nullable=True))
        # On PostgreSQL others write meanwhile; 0051 has the indexes that are used.
        if op.get_bind().dialect.name == 'sqlite':
            op.create_index(f'ix_contacts_unlinked_{name}', 'contacts', [column], sqlite_where=sa.text('is_linked IS 0'))


def downgrade() -> None:
    for name, column in _UNLINKED:
        op.drop_index(f'ix_contacts_unlinked_{name}', table_name='contacts', if_exists=True)
        op.drop_column('contacts', column)
    op.drop_table('key_renewals')
