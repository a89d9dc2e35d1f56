"""mapping

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-26 18:00:00.000000

"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def _json() -> sa.JSON:
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql')


def upgrade() -> None:
    op.create_table('custom_fields',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('label', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('options', _json(), nullable=False),
    sa.Column('is_retired', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custom_fields')),
    sa.UniqueConstraint('object_type', 'name', name=op.f('uq_custom_fields_object_type_name'))
    )
    op.create_table('property_caches',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('definitions', _json(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_property_caches_connection_id')),
    sa.PrimaryKeyConstraint('connection_id', 'object_type', name=op.f('pk_property_caches'))
    )
    with op.batch_alter_table('field_mappings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('options', _json(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('knows_blanks', sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mapping_version', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.drop_column('mapping_version')
    with op.batch_alter_table('field_mappings', schema=None) as batch_op:
        batch_op.drop_column('knows_blanks')
        batch_op.drop_column('options')

    op.drop_table('property_caches')
    op.drop_table('custom_fields')
