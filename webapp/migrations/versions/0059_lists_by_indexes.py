"""lists by indexes

Revision ID: 0059
Revises: 0053
Create Date: 2026-11-30 11:30:00.000000

"""
from webapp.migrations import online

# revision identifiers, used by Alembic.
revision = '0059'
down_revision = '0053'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Records kept apart are found by their numbers; a preview's addresses are read from their index alone."""
    online.create_index('ix_kept_apart_object_type_record_id', 'kept_apart', ['object_type', 'record_id'])
    online.create_index(
        'ix_planned_addresses_run_id_email_key_record_id',
        'planned_addresses',
        ['run_id', 'email_key', 'record_id'],
    )
    online.drop_index('ix_planned_addresses_run_id_email_key', 'planned_addresses')


def downgrade() -> None:
    online.create_index('ix_planned_addresses_run_id_email_key', 'planned_addresses', ['run_id', 'email_key'])
    online.drop_index('ix_planned_addresses_run_id_email_key_record_id', 'planned_addresses')
    online.drop_index('ix_kept_apart_object_type_record_id', 'kept_apart')
