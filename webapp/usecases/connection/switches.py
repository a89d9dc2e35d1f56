"""The switches of automatic sync."""

from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.people import audit


def save(services: Services, connection_id: int, switches: dict[str, bool]) -> None:
    """Keep which of them are on."""
    with services.database.writing() as session:
        connections.set_automatic(session, connection_id, switches)
        audit.add(
            session, services.actor, "switches_saved", on=[name for name, is_on in switches.items() if is_on]
        )
