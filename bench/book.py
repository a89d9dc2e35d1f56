"""A generated book of any size, made within the database from pools of names, places and firms.

Which of a pool a record gets goes by its number, so that the book is the same each time; names repeat as
often as a million people share some twelve thousand of them.
"""

from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.matching.people import People
from tests.support.applications.services import current_services
from webapp.domain.records.normal.texts import text_key
from webapp.models import Base
from webapp.store.database.lists import dialect_of

_POOL = 10_007
_CONTACTS_EACH = 5
_TITLES = ("Manager", "Director", "Engineer", "Consultant", "Sales", "Leiterin", "Einkauf", "Buchhaltung")
_FORMS = ("GmbH", "AG", "Ltd", "Inc", "SARL", "BV", "KG")

_NUMBERS = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
"""
# Different strides, so that no two parts of a record go together.
_COMPANY = """
    SELECT n AS id, '' AS uuid, n % 50 <> 0 AS is_active, n % 20 <> 0 AS is_linked, 1 AS version,
           {moment} AS created_at, {moment} AS updated_at,
           l.last || ' ' || f.form AS name, n || '-' || d.domain AS domain,
           n || '-' || d.domain AS domain_key,
           c.city AS city, p.phone AS phone, l.last_key AS name_key,
           l.last_key || ' ' || f.form_key AS sort_key
    FROM numbers
    JOIN pool l ON l.id = n * 7 % 10007 JOIN pool d ON d.id = n * 13 % 10007
    JOIN pool c ON c.id = n * 31 % 10007 JOIN pool f ON f.id = n * 3 % 10007
    JOIN pool p ON p.id = n * 11 % 10007
"""
_CONTACT = """
    SELECT n AS id, '' AS uuid, n % 50 <> 0 AS is_active, n % 20 <> 0 AS is_linked, 1 AS version,
           {moment} AS created_at, {moment} AS updated_at,
           f.first AS first_name, l.last AS last_name, t.title AS job_title, c.city AS city,
           p.phone || (n % 1000) AS phone, 1 + n * 17 % :companies AS company_id,
           f.first_key || '.' || l.last_key || (n % 97) || '@' || d.domain AS email,
           f.first_key || '.' || l.last_key || (n % 97) || '@' || d.domain AS email_key,
           f.first_key || ' ' || l.last_key AS name_key, l.last_key || ' ' || f.first_key AS sort_key
    FROM numbers
    JOIN pool f ON f.id = n * 7 % 10007 JOIN pool l ON l.id = (n * 13 + n / 10007) % 10007
    JOIN pool d ON d.id = n * 31 % 10007 JOIN pool c ON c.id = n * 19 % 10007
    JOIN pool t ON t.id = n * 3 % 10007 JOIN pool p ON p.id = n * 11 % 10007
"""
_TEXTS = {
    "company_texts": """
        SELECT id, ' ' || sort_key || ' ' || lower(city) || ' ' || domain || ' ' || phone FROM companies
    """,
    "contact_texts": """
        SELECT r.id, ' ' || r.name_key || ' ' || lower(r.job_title) || ' ' || lower(r.city)
               || ' ' || c.sort_key || ' ' || r.email || ' ' || r.phone
        FROM contacts r JOIN companies c ON c.id = r.company_id
    """,
}
_LINKS = """
    INSERT INTO links
           (connection_id, object_type, record_id, remote_id, state, local_seen, remote_seen, linked_at)
    SELECT :connection, '{table}', id, CAST(10000000 + id AS VARCHAR(30)), 'linked', '{{}}', '{{}}',
           created_at
    FROM {table} WHERE is_linked
"""


def fill(connection_id: int, contacts: int) -> None:
    """Write a generated book: this number of contacts, a fifth as many companies, ready for searches."""
    given = {"companies": max(contacts // _CONTACTS_EACH, 1), "now": "2026-11-01 12:00:00.000000"}
    for table, query in (("companies", _COMPANY), ("contacts", _CONTACT)):
        count = given["companies"] if table == "companies" else contacts
        with current_services().database.writing() as session:
            _make_room(session)
            _make_pool(session)
            _insert(session, table, f"{_NUMBERS} {query}", given | {"count": count})
            session.execute(text(_LINKS.format(table=table)), {"connection": connection_id})
    for table, query in _TEXTS.items():
        with current_services().database.writing() as session:
            session.execute(text(f"INSERT INTO {table} (id, text) {query}"))
    with current_services().database.writing() as session:
        session.execute(text("DELETE FROM search_changes"))
        tell_the_planner(session)


def _insert(session: Session, table: str, query: str, given: dict[str, Any]) -> None:
    # SQLite keeps moments as texts.
    moment = ":now" if dialect_of(session) == "sqlite" else "CAST(:now AS TIMESTAMP WITH TIME ZONE)"
    query = query.replace("{moment}", moment)
    names = [part.rpartition(" AS ")[2].strip() for part in _selected(query)]
    columns = [name for name in names if name in Base.metadata.tables[table].c]
    prefix, _, rest = query.partition("SELECT n AS id")
    # PostgreSQL wants what is common to all parts of the statement before the INSERT, SQLite takes it there.
    session.execute(text(f"{prefix} INSERT INTO {table} ({', '.join(columns)}) SELECT n AS id{rest}"), given)


def _selected(query: str) -> list[str]:
    """The columns of a query, none of which holds a comma."""
    return query.partition("SELECT n AS id")[2].partition("FROM numbers")[0].join(("n AS id", "")).split(",")


def _make_room(session: Session) -> None:
    """Let SQLite keep what it writes in memory until the end."""
    if dialect_of(session) == "sqlite":
        session.execute(text("PRAGMA cache_size = -2000000"))


def _make_pool(session: Session) -> None:
    """The names and places that records are made of, for this transaction."""
    random = Random(11)  # noqa: S311 - repeatable, not secret
    people = People(random)
    session.execute(text("DROP TABLE IF EXISTS pool"))
    names = ("first", "first_key", "last", "last_key", "domain", "city", "phone", "title", "form", "form_key")
    columns = ", ".join(f"{name} TEXT" for name in names)
    session.execute(text(f"CREATE TEMPORARY TABLE pool (id INTEGER PRIMARY KEY, {columns})"))
    rows = []
    for number in range(_POOL):
        one, form = people.person(), _FORMS[number % len(_FORMS)]
        rows.append(
            {
                "id": number,
                "first": one["first_name"],
                "first_key": text_key(one["first_name"]),
                "last": one["last_name"],
                "last_key": text_key(one["last_name"]),
                **{name: one[name] for name in ("domain", "city", "phone")},
                "title": _TITLES[number % len(_TITLES)],
                "form": form,
                "form_key": form.lower(),
            }
        )
    named = ", ".join(f":{name}" for name in ("id", *names))
    session.execute(text(f"INSERT INTO pool VALUES ({named})"), rows)  # noqa: S608 - names of ours


def tell_the_planner(session: Session) -> None:
    """Let PostgreSQL know what it was given, and its counters go on behind it."""
    if dialect_of(session) != "postgresql":
        return
    for table in ("companies", "contacts"):
        counter = f"pg_get_serial_sequence('{table}', 'id')"
        session.execute(text(f"SELECT setval({counter}, max(id)) FROM {table}"))  # noqa: S608 - a name of ours
    session.execute(text("ANALYZE"))
