"""unlinked alone

Revision ID: 0051
Revises: 0048
Create Date: 2026-11-30 04:05:00.000000

"""
from alembic import op

from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0051'
down_revision = '0048'
branch_labels = None
depends_on = None

_COMMON = (('phone', ['phone_key']), ('place', ['place_key']), ('letters', ['letters_key']), ('street', ['street_key']))
_KEYS = {
    'companies': _COMMON,
    'contacts': (
        *_COMMON,
        ('house', ['house_key']),
        ('town', ['town_key']),
        ('birthday', ['birthday_key']),
        ('initials', ['company_id', 'initials_key']),
    ),
}


def _condition() -> str:
    return 'is_linked IS false' if op.get_bind().dialect.name == 'postgresql' else 'is_linked IS 0'


def upgrade() -> None:
    """Each new index is there before the one that it replaces goes."""
    for table, keys in _KEYS.items():
        for name, columns in keys:
            online.create_index(f'ix_{table}_unlinked_by_{name}', table, [*columns, 'is_linked'], where=_condition())
            online.drop_index(f'ix_{table}_unlinked_{name}', table)
        online.create_index(f'ix_{table}_unlinked_by_order', table, ['sort_key', 'id', 'is_linked'], where=_condition())


def downgrade() -> None:
    for table, keys in _KEYS.items():
        online.drop_index(f'ix_{table}_unlinked_by_order', table)
        for name, columns in keys:
            online.create_index(f'ix_{table}_unlinked_{name}', table, columns, where=_condition())
            online.drop_index(f'ix_{table}_unlinked_by_{name}', table)
