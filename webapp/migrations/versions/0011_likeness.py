"""likeness

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-26 19:40:00.000000

"""
import re
import unicodedata
from collections.abc import Callable, Sequence

from alembic import op
import sqlalchemy as sa

# revision identifiers, used by Alembic.
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

_BATCH = 1000


def _key(length: int) -> sa.String:
    return sa.String(length=length).with_variant(sa.String(length=length, collation='C'), 'postgresql')


def upgrade() -> None:
    for table in ('companies', 'contacts'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('place_key', _key(60), nullable=True))
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('initials_key', _key(2), nullable=True))
    _fill('companies', ('name_key', 'postcode', 'city'), _of_company)
    _fill('contacts', ('first_name', 'last_name', 'postcode'), _of_contact)
    with op.batch_alter_table('companies', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_companies_phone_key'), ['phone_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_companies_place_key'), ['place_key'], unique=False)
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contacts_place_key'), ['place_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_contacts_company_id_initials_key'), ['company_id', 'initials_key'], unique=False)


def _fill(table: str, columns: Sequence[str], keys_of: Callable[..., dict[str, str | None]]) -> None:
    """Compute the keys of the records that are there."""
    bind = op.get_bind()
    query = sa.text(f'SELECT id, {", ".join(columns)} FROM {table} WHERE id > :after ORDER BY id LIMIT {_BATCH}')
    last = 0
    while rows := bind.execute(query, {'after': last}).all():
        last = rows[-1][0]
        keys = [{**keys_of(*row[1:]), 'id': row[0]} for row in rows]
        names = [name for name in keys[0] if name != 'id']
        bind.execute(sa.text(f'UPDATE {table} SET {", ".join(f"{name} = :{name}" for name in names)} WHERE id = :id'), keys)


def _of_company(name_key: str | None, postcode: str | None, city: str | None) -> dict[str, str | None]:
    return {'place_key': _place(postcode or city, min(word[0] for word in name_key.split()) if name_key else None)}


def _of_contact(first_name: str | None, last_name: str | None, postcode: str | None) -> dict[str, str | None]:
    first, last = _folded(first_name), _folded(last_name)
    initials = ''.join(sorted((first[0], last[0]))) if first and last else None
    return {'initials_key': initials, 'place_key': _place(postcode, initials)}


def _place(where: str | None, letters: str | None) -> str | None:
    place = _folded(where).replace(' ', '')
    return f'{place[:50]}/{letters}' if place and letters else None


def _folded(text: str | None) -> str:
    """As it was folded when this was written."""
    letters = str.maketrans({'ø': 'o', 'ł': 'l', 'đ': 'd', 'ð': 'd', 'þ': 'th', 'æ': 'ae', 'œ': 'oe', 'ı': 'i'})
    decomposed = unicodedata.normalize('NFKD', (text or '').lower().translate(letters)).casefold()
    plain = ''.join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.sub(r'[\W_]+', ' ', plain).strip()


def downgrade() -> None:
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contacts_company_id_initials_key'))
        batch_op.drop_index(batch_op.f('ix_contacts_place_key'))
        batch_op.drop_column('initials_key')
        batch_op.drop_column('place_key')
    with op.batch_alter_table('companies', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_companies_place_key'))
        batch_op.drop_index(batch_op.f('ix_companies_phone_key'))
        batch_op.drop_column('place_key')
