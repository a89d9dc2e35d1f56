"""indexes of HubSpot's objects, which are built while others write

Revision ID: 0030
Revises: 0029
Create Date: 2026-11-30 23:15:00.000000

"""
from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

_DOMAIN = 'ix_remote_objects_domain_key'
_COMPANY = 'ix_remote_objects_connection_id_company_remote_id'


def upgrade() -> None:
    online.create_index(
        _DOMAIN,
        'remote_objects',
        ['connection_id', 'object_type', 'domain_key'],
        where='domain_key IS NOT NULL',
    )
    online.create_index(_COMPANY, 'remote_objects', ['connection_id', 'company_remote_id'])


def downgrade() -> None:
    online.drop_index(_COMPANY, 'remote_objects')
    online.drop_index(_DOMAIN, 'remote_objects')
