"""Which steps of the set-up somebody has been through."""

from webapp.services import Services
from webapp.store.connection import connections


def finish(services: Services, connection_id: int, step: str) -> None:
    """Remember that a step is done; being done twice changes nothing."""
    with services.database.writing() as session:
        connections.record_setup_step(session, connection_id, step)
