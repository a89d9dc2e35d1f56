"""The search for records by a few words, the same wherever they are typed."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.naming import record_name
from webapp.models import Contact
from webapp.store.database.walks import walk
from webapp.store.records.listing.lists import Question, companies_of, narrowing, stretches_of
from webapp.store.records.records import TABLES, Record


class Found(Struct, frozen=True):
    """A record that a search finds.

    Attributes:
        name: what it is called.
        about: what tells it from others of that name: a company's domain and city, a contact's company and
            e-mail address.
    """

    object_type: ObjectType
    record_id: int
    name: str
    about: str


def search(
    session: Session, typed: str, limit: int, *, object_types: Sequence[ObjectType] = OBJECT_TYPES
) -> list[Found]:
    """The best matches among active records, of each type at most so many.

    Args:
        session: Where to read.
        typed: Any part of words, in any order, or digits of a phone number.
        limit: How many of each type.
        object_types: Which types.
    """
    question = Question(search=typed)
    found: list[Found] = []
    for kind in object_types if typed.strip() else ():
        stretches, narrow = stretches_of(session, kind, question), narrowing(session, kind, question)
        rows: list[Record] = [one.row for one in walk(session, TABLES[kind], stretches, narrow, limit=limit)]
        companies = companies_of(session, rows)
        for row in rows:
            about: tuple[str | None, ...]
            if isinstance(row, Contact):
                company = companies.get(row.company_id or 0)
                about = (record_name("companies", vars(company)) if company else None, row.email)
            else:
                about = (row.domain, row.city)
            name = record_name(kind, vars(row))
            found.append(Found(kind, row.id, name, " · ".join(filter(None, about))))
    return found
