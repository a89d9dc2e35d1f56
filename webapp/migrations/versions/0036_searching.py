"""searching, list columns and changes of many records

Revision ID: 0036
Revises: 0035
Create Date: 2026-11-29 21:10:00.000000

"""
import logging

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

JSON_DATA = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
BULK_BEFORE = "kind IN ('pull', 'push', 'undo', 'delete', 'merge_duplicates')"
BULK = "kind IN ('pull', 'push', 'undo', 'delete', 'merge_duplicates', 'change')"

# The columns from which a record's text is made.
TEXT_COLUMNS = {
    'companies': ('name', 'domain', 'phone', 'city', 'postcode', 'industry'),
    'contacts': (
        'first_name', 'last_name', 'email', 'phone', 'mobile', 'job_title', 'city', 'postcode', 'company_id',
    ),
}
TEXTS = {'companies': 'company_texts', 'contacts': 'contact_texts'}
WITHOUT_TRIGRAMS = (
    'PostgreSQL has no extension pg_trgm, and this role may not make it: searching works, and is slow in large books. '
    'As a superuser: CREATE EXTENSION pg_trgm; then: flask --app webapp search rebuild'
)


def upgrade() -> None:
    for table in TEXTS.values():
        op.create_table(
            table,
            sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
            sa.Column('text', sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        )
    op.create_table(
        'search_changes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('what', sa.String(length=20), nullable=False),
        sa.Column('record_id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_search_changes')),
        sqlite_autoincrement=True,
    )
    op.create_table(
        'list_columns',
        sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('names', JSON_DATA, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_list_columns_user_id')),
        sa.PrimaryKeyConstraint('user_id', 'object_type', name=op.f('pk_list_columns')),
    )
    if op.get_bind().dialect.name == 'sqlite':
        keep_index_on_sqlite()
        watch_on_sqlite()
    else:
        index_on_postgresql()
        watch_on_postgresql()
    for what in TEXTS:
        op.execute(f"INSERT INTO search_changes (what, record_id) SELECT '{what}', id FROM {what}")
    index_runs(BULK)


def downgrade() -> None:
    op.execute("UPDATE runs SET state = 'cancelled' WHERE kind = 'change' AND state IN ('queued', 'running')")
    op.execute("DELETE FROM log_entries WHERE run_id IN (SELECT id FROM runs WHERE kind = 'change')")
    op.execute("DELETE FROM runs WHERE kind = 'change'")
    index_runs(BULK_BEFORE)
    names = [f'search_{table}_{event}' for table in TEXTS for event in ('inserted', 'updated', 'deleted')]
    on = {name: name.split('_')[1] for name in names} | {'search_company_renamed': 'companies'}
    on |= {f'search_contact_addresses_{event}': 'contact_addresses' for event in ('inserted', 'deleted')}
    is_sqlite = op.get_bind().dialect.name == 'sqlite'
    for name, table in on.items():
        op.execute(f'DROP TRIGGER {name}' if is_sqlite else f'DROP TRIGGER {name} ON {table}')
    if not is_sqlite:
        op.execute('DROP FUNCTION search_record_changed')
        op.execute('DROP FUNCTION search_addresses_changed')
    op.drop_table('list_columns')
    op.drop_table('search_changes')
    for table in TEXTS.values():
        if is_sqlite:
            op.execute(f'DROP TABLE {table}_trigrams')
        op.drop_table(table)


def keep_index_on_sqlite() -> None:
    """An index of trigrams beside each table of texts, which follows that by triggers.

    It knows which text has which trigrams, and not where: that takes a third of the room.
    """
    for table in TEXTS.values():
        index = f'{table}_trigrams'
        op.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5(text, content='{table}', content_rowid='id',"
            " tokenize='trigram case_sensitive 1', detail='none', columnsize=0)"
        )
        add = f"INSERT INTO {index} (rowid, text) VALUES (NEW.id, NEW.text);"
        remove = f"INSERT INTO {index} ({index}, rowid, text) VALUES ('delete', OLD.id, OLD.text);"
        op.execute(f"CREATE TRIGGER {table}_inserted AFTER INSERT ON {table} BEGIN {add} END")
        op.execute(f"CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} BEGIN {remove} END")
        op.execute(f"CREATE TRIGGER {table}_updated AFTER UPDATE ON {table} BEGIN {remove} {add} END")


def watch_on_sqlite() -> None:
    """Whatever writes a record puts it into the queue."""
    for table, columns in TEXT_COLUMNS.items():
        for event, row in (('INSERT', 'NEW'), ('DELETE', 'OLD')):
            op.execute(
                f"CREATE TRIGGER search_{table}_{event.lower().rstrip('e')}ed AFTER {event} ON {table}"
                f" BEGIN INSERT INTO search_changes (what, record_id) VALUES ('{table}', {row}.id); END"
            )
        op.execute(
            f"CREATE TRIGGER search_{table}_updated AFTER UPDATE OF {', '.join(columns)} ON {table}"
            f" WHEN {' OR '.join(f'OLD.{one} IS NOT NEW.{one}' for one in columns)}"
            f" BEGIN INSERT INTO search_changes (what, record_id) VALUES ('{table}', NEW.id); END"
        )
    op.execute(
        "CREATE TRIGGER search_company_renamed AFTER UPDATE OF name ON companies WHEN OLD.name IS NOT NEW.name"
        " BEGIN INSERT INTO search_changes (what, record_id) VALUES ('contacts_of', NEW.id); END"
    )
    for event, row in (('INSERT', 'NEW'), ('DELETE', 'OLD')):
        op.execute(
            f"CREATE TRIGGER search_contact_addresses_{event.lower().rstrip('e')}ed AFTER {event} ON contact_addresses"
            f" BEGIN INSERT INTO search_changes (what, record_id) VALUES ('contacts', {row}.contact_id); END"
        )


def index_on_postgresql() -> None:
    """The indexes of trigrams, where the extension is there or may be made; what was written last is merged early."""
    bind = op.get_bind()
    try:
        with bind.begin_nested():
            bind.execute(sa.text('CREATE EXTENSION IF NOT EXISTS pg_trgm'))
    except sa.exc.DBAPIError:
        logging.getLogger('alembic').warning(WITHOUT_TRIGRAMS)
        return
    for table in TEXTS.values():
        op.execute(
            f'CREATE INDEX ix_{table}_trigrams ON {table} USING gin (text gin_trgm_ops)'
            ' WITH (gin_pending_list_limit = 256)'
        )


def watch_on_postgresql() -> None:
    """Whatever writes a record puts it into the queue."""
    for function, number in (('search_record_changed', 'id'), ('search_addresses_changed', 'contact_id')):
        op.execute(
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF TG_OP = 'DELETE' THEN"
            f" INSERT INTO search_changes (what, record_id) VALUES (TG_ARGV[0], OLD.{number});"
            " ELSE"
            f" INSERT INTO search_changes (what, record_id) VALUES (TG_ARGV[0], NEW.{number});"
            " END IF; RETURN NULL; END $$"
        )
    changed = "EXECUTE FUNCTION search_record_changed"
    for table, columns in TEXT_COLUMNS.items():
        was, became = (', '.join(f'{row}.{one}' for one in columns) for row in ('OLD', 'NEW'))
        op.execute(f"CREATE TRIGGER search_{table}_inserted AFTER INSERT ON {table} FOR EACH ROW {changed}('{table}')")
        op.execute(f"CREATE TRIGGER search_{table}_deleted AFTER DELETE ON {table} FOR EACH ROW {changed}('{table}')")
        op.execute(
            f"CREATE TRIGGER search_{table}_updated AFTER UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW"
            f" WHEN (({was}) IS DISTINCT FROM ({became})) {changed}('{table}')"
        )
    op.execute(
        "CREATE TRIGGER search_company_renamed AFTER UPDATE OF name ON companies FOR EACH ROW"
        f" WHEN (OLD.name IS DISTINCT FROM NEW.name) {changed}('contacts_of')"
    )
    for event in ('INSERT', 'DELETE'):
        op.execute(
            f"CREATE TRIGGER search_contact_addresses_{event.lower().rstrip('e')}ed AFTER {event} ON contact_addresses"
            " FOR EACH ROW EXECUTE FUNCTION search_addresses_changed('contacts')"
        )


def index_runs(is_bulk: str) -> None:
    """The indexes that say which kinds are bulk work."""
    for name, state, columns in (
        ('uq_runs_one_running', 'running', ['connection_id']),
        ('uq_runs_one_waiting', 'queued', ['connection_id', 'kind', 'is_preview']),
    ):
        where = sa.text(f"state = '{state}' AND {is_bulk}")
        op.drop_index(name, 'runs')
        op.create_index(name, 'runs', columns, unique=True, sqlite_where=where, postgresql_where=where)
