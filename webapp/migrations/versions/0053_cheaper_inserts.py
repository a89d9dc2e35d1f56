"""cheaper inserts

Revision ID: 0053
Revises: 0052
Create Date: 2026-11-30 08:00:00.000000

"""
from alembic import op

# revision identifiers, used by Alembic.
revision = '0053'
down_revision = '0052'
branch_labels = None
depends_on = None

_TABLES = ('companies', 'contacts')


def upgrade() -> None:
    """On SQLite whoever inserts tells the searches; on PostgreSQL a trigger of the whole statement does."""
    drop_triggers()
    if op.get_bind().dialect.name == 'sqlite':
        return
    op.execute(
        'CREATE FUNCTION search_records_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN'
        ' INSERT INTO search_changes (what, record_id) SELECT TG_ARGV[0], id FROM added ORDER BY id;'
        ' RETURN NULL; END $$'
    )
    for table in _TABLES:
        op.execute(
            f'CREATE TRIGGER search_{table}_inserted AFTER INSERT ON {table} REFERENCING NEW TABLE AS added'
            f" FOR EACH STATEMENT EXECUTE FUNCTION search_records_added('{table}')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for table in _TABLES:
            op.execute(
                f'CREATE TRIGGER search_{table}_inserted AFTER INSERT ON {table}'
                f" BEGIN INSERT INTO search_changes (what, record_id) VALUES ('{table}', NEW.id); END"
            )
        return
    drop_triggers()
    op.execute('DROP FUNCTION search_records_added')
    for table in _TABLES:
        op.execute(
            f'CREATE TRIGGER search_{table}_inserted AFTER INSERT ON {table}'
            f" FOR EACH ROW EXECUTE FUNCTION search_record_changed('{table}')"
        )


def drop_triggers() -> None:
    """The triggers that run for each inserted row."""
    on = '' if op.get_bind().dialect.name == 'sqlite' else ' ON {table}'
    for table in _TABLES:
        op.execute(f'DROP TRIGGER search_{table}_inserted{on.format(table=table)}')
