"""The objects of a portal as they were at one moment, by which a portal that was restored is made."""

from copy import deepcopy
from typing import NamedTuple

from sandbox.store.associations import Associations
from sandbox.store.portal import Portal
from sandbox.store.table import Table


class Savepoint(NamedTuple):
    """Records with their times, histories, properties and ids, and what is associated with what."""

    tables: dict[str, Table]
    associations: Associations


def take(portal: Portal) -> Savepoint:
    """Keep the objects as they are."""
    return _copied(portal, Savepoint(portal.tables, portal.associations))


def put_back(portal: Portal, savepoint: Savepoint) -> None:
    """Put the objects back without webhook events and new modified times; no id is given twice."""
    given = portal.tables
    portal.tables, portal.associations = _copied(portal, savepoint)
    for name, table in portal.tables.items():
        table.give_ids_from(given[name].next_id)


def _copied(portal: Portal, savepoint: Savepoint) -> Savepoint:
    # The tables report to the portal's own events, which are not a part of the copy.
    return deepcopy(savepoint, {id(portal.events): portal.events})
