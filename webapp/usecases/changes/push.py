"""A push of selected records only; the rules apply as in any push."""

from webapp.domain.runs.options import PushOptions, SelectionOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.records.listing import selection
from webapp.usecases.connection.required import require_connection
from webapp.usecases.runs import lifecycle
from webapp.usecases.runs.lifecycle import Started

MOST_PUSHED = 5_000
"""The most records that a push names one by one; for more, everything is pushed."""


def start_push(
    services: Services,
    chosen: SelectionOptions,
    *,
    trigger: str,
    user_id: int | None,
    is_preview: bool = False,
    makes_again: bool = False,
) -> Started:
    """Queue a push of the records that are meant.

    Args:
        services: What it works with.
        chosen: Which records.
        trigger: Button or command.
        user_id: Who requested it.
        is_preview: Whether it only says what it would do.
        makes_again: Whether what was deleted in HubSpot is made again there.

    Raises:
        RefusedError: `not_connected`, `nothing_chosen` or `too_many_to_push`; and what starting a run raises.
    """
    with services.database.reading() as session:
        connection = require_connection(session)
        meant = selection.bounded(session, chosen)
        query = selection.chosen(session, meant).limit(MOST_PUSHED + 1)
        ids = sorted(session.scalars(query))
    if not ids:
        raise RefusedError("nothing_chosen")
    if len(ids) > MOST_PUSHED:
        raise RefusedError("too_many_to_push", limit=MOST_PUSHED)
    return lifecycle.start(
        services,
        "push",
        connection_id=connection.id,
        trigger=trigger,
        started_by_id=user_id,
        options=PushOptions(records={chosen.object_type: ids}, makes_again=makes_again),
        is_preview=is_preview,
    )
