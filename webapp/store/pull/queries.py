"""The statements behind `webapp.store.pull.facts`, built once a database: building costs more than asking.

Every statement takes `connection_id` and its lists as parameters; see `webapp.store.database.lists`.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    text,
    union,
)
from sqlalchemy import union_all as all_of

from webapp.domain.matching.candidates import MOST_OF_A_KEY, MOST_OF_LETTERS
from webapp.domain.records.fields import FIELD_NAMES, ObjectType
from webapp.models import (
    Company,
    Connection,
    Contact,
    ContactAddress,
    KeptApart,
    Link,
    PlannedRecord,
    RemoteObject,
)
from webapp.models.records.records import IS_UUID_GIVEN
from webapp.store.database.lists import found_by, listed

_LINKS: Any = Link.__table__
_SEEN: Any = RemoteObject.__table__
_APART: Any = KeptApart.__table__
_ADDRESSES: Any = ContactAddress.__table__
_PLANNED: Any = PlannedRecord.__table__
_CONNECTIONS: Any = Connection.__table__
_RECORDS: dict[ObjectType, Any] = {"companies": Company.__table__, "contacts": Contact.__table__}
_KEYS = {
    "companies": ("phone_key", "name_key", "place_key", "letters_key", "street_key", "domain_key"),
    "contacts": (
        *("phone_key", "name_key", "place_key", "letters_key", "street_key"),
        *("email_key", "initials_key", "house_key", "town_key", "birthday_key"),
    ),
}


@cache
def links(dialect: str, object_type: ObjectType) -> Select[Any]:
    """A record's fields, then its link's columns, of the links to `remote_ids`; locked on PostgreSQL."""
    table = _RECORDS[object_type]
    return (
        select(
            *_fields(object_type),
            *(_LINKS.c.id, _LINKS.c.record_id, _LINKS.c.remote_id, _LINKS.c.state),
            *(_LINKS.c.local_seen, _LINKS.c.remote_seen, _LINKS.c.remote_updated_at),
            *(_LINKS.c.generation, _LINKS.c.awaited_company),
        )
        .join_from(_LINKS, table, table.c.id == _LINKS.c.record_id)
        .where(_of(_LINKS, object_type), listed(dialect, _LINKS.c.remote_id, "remote_ids"))
        .order_by(_LINKS.c.id)
        .with_for_update()
    )


@cache
def companies(dialect: str) -> CompoundSelect[Any]:
    """Of the companies `remote_ids`: the id, the record it is linked to, or why and how it was left out."""
    nothing = literal(None).label("reason"), literal(None).label("state")
    return all_of(
        select(_SEEN.c.remote_id, literal(None).label("record_id"), _SEEN.c.reason, _SEEN.c.state).where(
            _of(_SEEN, "companies"), listed(dialect, _SEEN.c.remote_id, "remote_ids")
        ),
        select(_LINKS.c.remote_id, _LINKS.c.record_id, *nothing).where(
            _of(_LINKS, "companies"), listed(dialect, _LINKS.c.remote_id, "remote_ids")
        ),
    )


@cache
def seen(dialect: str, object_type: ObjectType) -> Select[Any]:
    """Id, state, decision and reason of those of `remote_ids` that were seen and not linked."""
    return select(_SEEN.c.remote_id, _SEEN.c.state, _SEEN.c.decision, _SEEN.c.reason).where(
        _of(_SEEN, object_type), listed(dialect, _SEEN.c.remote_id, "remote_ids")
    )


@cache
def apart(dialect: str, object_type: ObjectType) -> Select[Any]:
    """Pairs of one of `remote_ids` and a record that a person has decided it is not."""
    return select(_APART.c.remote_id, _APART.c.record_id).where(
        _of(_APART, object_type), listed(dialect, _APART.c.remote_id, "remote_ids")
    )


@cache
def addresses(dialect: str) -> Select[Any]:
    """Contacts with one of `emails` beside their first address, each with that address."""
    return select(_ADDRESSES.c.contact_id, _ADDRESSES.c.email_key).where(
        listed(dialect, _ADDRESSES.c.email_key, "emails")
    )


@cache
def addresses_of(dialect: str) -> Select[Any]:
    """The addresses of the contacts `contact_ids` beside their first ones, each with its contact."""
    return select(_ADDRESSES.c.contact_id, _ADDRESSES.c.email_key).where(
        listed(dialect, _ADDRESSES.c.contact_id, "contact_ids")
    )


@cache
def any_unlinked(object_type: ObjectType) -> Select[Any]:
    """A record that may be found by mere likeness, with the number of connections; none if all are linked."""
    table = _RECORDS[object_type]
    connections = select(func.count(_CONNECTIONS.c.id)).scalar_subquery()
    # In the order of an index of such records alone, which both databases read for it.
    return (
        select(table.c.id, connections.label("connections"))
        .where(table.c.is_linked.is_(False))
        .order_by(table.c.phone_key)
        .limit(1)
    )


@cache
def contact_candidates(
    dialect: str, *, with_alike: bool = True, are_flagged: bool = False, is_preview: bool = False
) -> Select[Any]:
    """Contacts of `ids`, with one of `emails` or `own_keys`, or a pair of `named_phones`, `named_companies`.

    With `with_alike`, of those that are not linked also the ones that may look alike: with one of `phones`,
    `places`, `letters`, `streets`, `houses`, `towns` or `birthdays`, or a pair of `initials`, which stand
    beside the company. With `are_flagged` every linked record is known to be flagged as such. With
    `is_preview` those are left out that the preview `planned_by` has linked.
    """
    table = _RECORDS["contacts"]
    column, near = table.c, _near("contacts", dialect, is_preview=is_preview)
    return _candidates(
        "contacts",
        exact=(
            found_by(dialect, table, "emails", [column.email_key], MOST_OF_A_KEY),
            found_by(dialect, table, "named_phones", [column.phone_key, column.name_key], MOST_OF_A_KEY),
            found_by(dialect, table, "named_companies", [column.name_key, column.company_id], MOST_OF_A_KEY),
            _with_own_key(dialect, table),
            select(column.id).where(listed(dialect, column.id, "ids")),
        ),
        near=(
            near("phones", [column.phone_key]),
            near("places", [column.place_key]),
            near("letters", [column.letters_key], MOST_OF_LETTERS),
            near("streets", [column.street_key]),
            near("houses", [column.house_key]),
            near("towns", [column.town_key]),
            near("birthdays", [column.birthday_key]),
            near("initials", [column.initials_key, column.company_id]),
        )
        if with_alike
        else (),
        are_flagged=are_flagged,
    )


@cache
def company_candidates(
    dialect: str, *, with_alike: bool = True, are_flagged: bool = False, is_preview: bool = False
) -> Select[Any]:
    """Companies of `ids`, with one of `domains`, `names` or `own_keys`; unlinked ones that may look alike."""
    table = _RECORDS["companies"]
    column, near = table.c, _near("companies", dialect, is_preview=is_preview)
    return _candidates(
        "companies",
        exact=(
            found_by(dialect, table, "domains", [column.domain_key], MOST_OF_A_KEY),
            found_by(dialect, table, "names", [column.name_key], MOST_OF_A_KEY),
            _with_own_key(dialect, table),
            select(column.id).where(listed(dialect, column.id, "ids")),
        ),
        near=(
            near("phones", [column.phone_key]),
            near("places", [column.place_key]),
            near("letters", [column.letters_key], MOST_OF_LETTERS),
            near("streets", [column.street_key]),
        )
        if with_alike
        else (),
        are_flagged=are_flagged,
    )


def _near(object_type: ObjectType, dialect: str, *, is_preview: bool) -> Callable[..., Select[Any]]:
    """Builds the look-ups of unlinked records that may look alike."""
    table = _RECORDS[object_type]

    def is_planned(one: Any) -> ColumnElement[bool]:
        of_preview = and_(_PLANNED.c.run_id == bindparam("planned_by"), _PLANNED.c.object_type == object_type)
        return exists().where(of_preview, _PLANNED.c.record_id == one.c.id)

    def near(name: str, columns: list[ColumnElement[Any]], most: int = MOST_OF_A_KEY) -> Select[Any]:
        but = is_planned if is_preview else None
        return found_by(
            dialect, table, name, columns, most, unless=table.c.is_linked, but=but, is_lowest=True
        )

    return near


def _with_own_key(dialect: str, table: Any) -> Select[Any]:
    return select(table.c.id).where(text(IS_UUID_GIVEN), listed(dialect, table.c.uuid, "own_keys"))


def _candidates(
    object_type: ObjectType,
    *,
    exact: tuple[Select[Any], ...],
    near: tuple[Select[Any], ...],
    are_flagged: bool,
) -> Select[Any]:
    """Fields, id, uuid, keys, the object it is linked to and the link's state, of each record found."""
    table = _RECORDS[object_type]
    found = exact
    if near and are_flagged:
        found = (*exact, *near)
    elif near:
        alike = all_of(*near).subquery()
        is_linked = exists().where(_of(_LINKS, object_type), _LINKS.c.record_id == alike.c.id)
        found = (*exact, select(alike.c.id).where(~is_linked))
    is_its_link = and_(_of(_LINKS, object_type), _LINKS.c.record_id == table.c.id)
    keys = [table.c[name] for name in _KEYS[object_type]]
    link = (_LINKS.c.remote_id.label("linked_to"), _LINKS.c.state.label("link_state"))
    return (
        select(*_fields(object_type), table.c.id, table.c.uuid, *keys, *link)
        .outerjoin_from(table, _LINKS, is_its_link)
        .where(table.c.id.in_(union(*found)))
        # Of too many with one key the same ones are first as in its look-up.
        .order_by(table.c.id)
    )


def _fields(object_type: ObjectType) -> list[Any]:
    table = _RECORDS[object_type]
    return [*(table.c[name] for name in FIELD_NAMES[object_type]), table.c.custom]


def _of(table: Table, object_type: ObjectType) -> ColumnElement[bool]:
    return and_(table.c.connection_id == bindparam("connection_id"), table.c.object_type == object_type)
