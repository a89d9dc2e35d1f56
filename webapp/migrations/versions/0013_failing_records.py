"""failing records

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-27 16:14:37.574226

"""
from alembic import op
import sqlalchemy as sa
# Generated code names the text type of JSON columns without its module.
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('failing_records',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('key', sa.String(length=40).with_variant(sa.String(length=40, collation='C'), 'postgresql'), nullable=False),
    sa.Column('record_id', sa.Integer(), nullable=True),
    sa.Column('remote_id', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=True),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('direction', sa.String(length=3), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('property', sa.String(length=100), nullable=False),
    sa.Column('detail', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=True),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_failing_records_connection_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failing_records')),
    sa.UniqueConstraint('connection_id', 'object_type', 'key', name=op.f('uq_failing_records_connection_id_object_type_key'))
    )
    with op.batch_alter_table('failing_records', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_failing_records_connection_id_reason_property_object_type_id'), ['connection_id', 'reason', 'property', 'object_type', 'id'], unique=False)

    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.create_index('ix_links_not_linked', ['connection_id', 'object_type', 'state', 'record_id'], unique=False, sqlite_where=sa.text("state != 'linked'"), postgresql_where=sa.text("state != 'linked'"))

    with op.batch_alter_table('remote_objects', schema=None) as batch_op:
        batch_op.create_index('ix_remote_objects_decided', ['connection_id', 'id'], unique=False, sqlite_where=sa.text('decision IS NOT NULL'), postgresql_where=sa.text('decision IS NOT NULL'))



def downgrade() -> None:
    with op.batch_alter_table('remote_objects', schema=None) as batch_op:
        batch_op.drop_index('ix_remote_objects_decided', sqlite_where=sa.text('decision IS NOT NULL'), postgresql_where=sa.text('decision IS NOT NULL'))

    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.drop_index('ix_links_not_linked', sqlite_where=sa.text("state != 'linked'"), postgresql_where=sa.text("state != 'linked'"))

    with op.batch_alter_table('failing_records', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_failing_records_connection_id_reason_property_object_type_id'))

    op.drop_table('failing_records')
