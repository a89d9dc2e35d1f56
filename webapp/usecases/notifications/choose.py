"""Which notifications a person wants."""

from collections.abc import Mapping
from datetime import UTC, datetime

from webapp.domain.notifications.kinds import Choice
from webapp.services import Services
from webapp.store.notifications import choices, raised


def save(services: Services, user_id: int, chosen: Mapping[str, Choice]) -> None:
    """Keep what a person has chosen; what is switched off begins afresh when it is wanted again."""
    with services.database.writing() as session:
        choices.save(session, user_id, chosen, datetime.now(UTC))
        raised.forget(session, user_id, [kind for kind, one in chosen.items() if not one.is_on])
