"""The switches of automatic sync."""

from webapp.services import Services
from webapp.store.connection import connections


def save(services: Services, connection_id: int, switches: dict[str, bool]) -> None:
    """Keep which of them are on."""
    with services.database.writing() as session:
        connections.set_automatic(session, connection_id, switches)
