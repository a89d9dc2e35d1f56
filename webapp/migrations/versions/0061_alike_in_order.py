"""alike in order

Revision ID: 0061
Revises: 0060
Create Date: 2026-12-01 13:45:00.000000

"""
from alembic import op

from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0061'
down_revision = '0060'
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
            in_order = [*columns, 'id', 'is_linked']
            online.create_index(f'ix_{table}_unlinked_{name}', table, in_order, where=_condition())
            online.drop_index(f'ix_{table}_unlinked_by_{name}', table)


def downgrade() -> None:
    for table, keys in _KEYS.items():
        for name, columns in keys:
            online.create_index(f'ix_{table}_unlinked_by_{name}', table, [*columns, 'is_linked'], where=_condition())
            online.drop_index(f'ix_{table}_unlinked_{name}', table)
