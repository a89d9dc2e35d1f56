"""From a preview to the run itself, and what has changed in between."""

from contextlib import closing
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.options import ImportOptions, PullRecordOptions, PushRecordOptions
from webapp.errors import RefusedError, TwinbookError
from webapp.hubspot.objects import MODIFIED
from webapp.services import Services
from webapp.store.records.listing import lists as record_lists
from webapp.store.runs import runs
from webapp.store.runs.log import Run
from webapp.usecases.connection import portal
from webapp.usecases.records.files import import_run
from webapp.usecases.runs import of_record
from webapp.usecases.runs.lifecycle import Started, start

# A page waits for this; longer than that HubSpot's part is left unknown.
_PATIENCE_S = 2.0


class ChangedSince(Struct, frozen=True):
    """How many records were changed since a preview began; `there` is None where HubSpot did not say."""

    here: int
    there: int | None


def run_now(services: Services, preview_id: int, user_id: int | None) -> Started:
    """Start the run that a preview has shown.

    Raises:
        RefusedError: `no_preview`, where there is none that has finished; and what starting a run raises.
    """
    with services.database.reading() as session:
        preview = runs.get(session, preview_id)
    if preview is None or not _has_shown(preview):
        raise RefusedError("no_preview")
    options = runs.options_of(preview)
    if isinstance(options, PullRecordOptions | PushRecordOptions):
        return of_record.start(services, replace(options, preview_id=preview.id), user_id=user_id)
    if isinstance(options, ImportOptions):
        return import_run.start(services, options.import_id, user_id=user_id, is_preview=False)
    return start(
        services,
        preview.kind,
        connection_id=preview.connection_id,
        trigger="button",
        started_by_id=user_id,
        options=replace(options, preview_id=preview.id),
    )


def _has_shown(preview: Run) -> bool:
    """Whether a run is a preview that was seen to its end, and of which it is known what it was about."""
    return preview.is_preview and preview.state == "finished" and runs.is_readable(preview)


def changed_since(services: Services, preview: Run) -> ChangedSince:
    """How many records were changed on either side since a preview began."""
    since = preview.started_at or preview.created_at
    with services.database.reading() as session:
        here = sum(record_lists.count_changed(session, kind, since) for kind in OBJECT_TYPES)
    try:
        return ChangedSince(here, _changed_there(services, preview.connection_id, since))
    except TwinbookError:
        return ChangedSince(here, None)


def _changed_there(services: Services, connection_id: int, since: datetime) -> int:
    with closing(
        portal.open_client(services, connection_id, is_urgent=True, patience_s=_PATIENCE_S)
    ) as client:
        return sum(client.search(kind, _since(kind, since), limit=1).total for kind in OBJECT_TYPES)


def _since(kind: ObjectType, since: datetime) -> list[dict[str, object]]:
    at_ms = str(int(since.timestamp() * 1000))
    return [{"filters": [{"propertyName": MODIFIED[kind], "operator": "GTE", "value": at_ms}]}]
