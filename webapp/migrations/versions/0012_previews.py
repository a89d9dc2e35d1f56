"""previews

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-27 11:43:38.580364

"""
from alembic import op
import sqlalchemy as sa
# Generated code names the text type of JSON columns without its module.
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('planned_addresses',
    sa.Column('run_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('record_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('email_key', sa.String(length=254).with_variant(sa.String(length=254, collation='C'), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_planned_addresses_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'record_id', 'email_key', name=op.f('pk_planned_addresses'))
    )
    with op.batch_alter_table('planned_addresses', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_planned_addresses_run_id_email_key'), ['run_id', 'email_key'], unique=False)

    op.create_table('planned_objects',
    sa.Column('run_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('remote_id', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_planned_objects_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'remote_id', name=op.f('pk_planned_objects'))
    )
    op.create_table('planned_records',
    sa.Column('run_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('object_type', sa.String(length=20), nullable=False),
    sa.Column('record_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('remote_id', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=True),
    sa.Column('link_state', sa.String(length=20), nullable=False),
    sa.Column('email_key', sa.String(length=254).with_variant(sa.String(length=254, collation='C'), 'postgresql'), nullable=True),
    sa.Column('domain_key', sa.String(length=253).with_variant(sa.String(length=253, collation='C'), 'postgresql'), nullable=True),
    sa.Column('phone_key', sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql'), nullable=True),
    sa.Column('name_key', sa.String(length=300).with_variant(sa.String(length=300, collation='C'), 'postgresql'), nullable=True),
    sa.Column('company_id', sa.Integer(), nullable=True),
    sa.Column('values', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_planned_records_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'object_type', 'record_id', name=op.f('pk_planned_records'))
    )
    with op.batch_alter_table('planned_records', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_planned_records_run_id_object_type_domain_key'), ['run_id', 'object_type', 'domain_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_planned_records_run_id_object_type_email_key'), ['run_id', 'object_type', 'email_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_planned_records_run_id_object_type_name_key_company_id'), ['run_id', 'object_type', 'name_key', 'company_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_planned_records_run_id_object_type_name_key_phone_key'), ['run_id', 'object_type', 'name_key', 'phone_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_planned_records_run_id_object_type_remote_id'), ['run_id', 'object_type', 'remote_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('planned_records', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_planned_records_run_id_object_type_remote_id'))
        batch_op.drop_index(batch_op.f('ix_planned_records_run_id_object_type_name_key_phone_key'))
        batch_op.drop_index(batch_op.f('ix_planned_records_run_id_object_type_name_key_company_id'))
        batch_op.drop_index(batch_op.f('ix_planned_records_run_id_object_type_email_key'))
        batch_op.drop_index(batch_op.f('ix_planned_records_run_id_object_type_domain_key'))

    op.drop_table('planned_records')
    op.drop_table('planned_objects')
    with op.batch_alter_table('planned_addresses', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_planned_addresses_run_id_email_key'))

    op.drop_table('planned_addresses')
