"""Deletions in this process, as a person or a worker does them.

Call everything within an application context whose settings lead to the sandbox.
"""

from __future__ import annotations

from typing import Any

from tests.support.applications.services import current_services
from tests.support.usecases import pulling
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import DeleteOptions
from webapp.models import Run
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.deletion.one import delete_one


def deleted(object_type: ObjectType, record_id: int, **options: Any) -> Run:
    """A record deleted from its page; the run that tells of it."""
    meant = DeleteOptions(object_type=object_type, records=(record_id,), **options)
    return pulling.run_of(delete_one(current_services(), meant, trigger="button", user_id=None))


def deleted_many(options: DeleteOptions, *, is_preview: bool = False) -> Run:
    """A deletion of many, worked off as far as it goes."""
    started = deletion_run.start(
        current_services(), options, trigger="button", user_id=None, is_preview=is_preview
    )
    return pulling.worked_off(started.run_id)
