"""A request to delete records: how much it concerns, and what the person has to decide first."""

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import Extent, Terms
from webapp.domain.runs.options import DeleteOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import first_log
from webapp.store.deletion import selection
from webapp.store.records import records
from webapp.store.records.listing import counting
from webapp.store.records.listing.selection import bounded


class Foreseen(Struct, frozen=True):
    """A deletion before it is begun: its options, and how much it concerns."""

    options: DeleteOptions
    extent: Extent


def foresee(services: Services, options: DeleteOptions) -> Foreseen:
    """How much a deletion would concern, of the records that are here now, counted as far as lists count."""
    with services.database.reading() as session:
        meant = bounded(session, options)
        extent = selection.extent(session, first_log.owner_id(session), meant, most=counting.MOST_COUNTED)
        return Foreseen(meant, extent)


def terms_of(options: DeleteOptions) -> Terms:
    """The terms under which records are deleted."""
    if options.object_type == "contacts":
        return Terms()
    return Terms(options.contacts, options.company_id if options.contacts == "move" else None)


def check_target(session: Session, options: DeleteOptions) -> None:
    """Insist on a company that contacts can be moved to, and that stays.

    Raises:
        RefusedError: `no_such_company`, or `company_goes_too`.
    """
    if options.object_type != "companies" or options.contacts != "move":
        return
    if options.company_id is None or records.get(session, "companies", options.company_id) is None:
        raise RefusedError("no_such_company")
    if options.company_id in (options.records or ()):
        raise RefusedError("company_goes_too")
