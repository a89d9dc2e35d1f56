"""The names of runs, the same wherever one is named: `Pull 12`."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from webapp.domain.runs.options import BulkOptions, MergeDuplicatesOptions, PushOptions, UndoOptions
from webapp.store.runs import log
from webapp.store.runs.log import Run
from webapp.store.runs.runs import options_of
from webapp.text.runs import runs as texts
from webapp.text.runs.runs import KINDS
from webapp.text.translated import gettext as _
from webapp.web.records.field_labels import label


def names_of(session: Session, run_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of several runs, by number; one whose log was cleared away has none."""
    found = log.runs_of(session, {run_id for run_id in run_ids if run_id is not None})
    return {run.id: run_name(run) for run in found}


def run_name(run: Run) -> str:
    """The name of a run, such as `Pull 12`."""
    options = options_of(run)
    is_kept_apart = isinstance(options, MergeDuplicatesOptions) and options.verb == "not_the_same"
    kind = texts.kept_apart_name() if is_kept_apart else KINDS.get(run.kind) or _("Run")
    name = _with_number(kind, run.id, is_preview=run.is_preview)
    if isinstance(options, UndoOptions):
        return _("%(undo)s of %(run)s", undo=name, run=_reverted_name(options))
    if isinstance(options, PushOptions) and options.failing is not None:
        return _("%(run)s: what had failed", run=name)
    if isinstance(options, PushOptions) and options.records is not None:
        return _("%(run)s: what needed you", run=name)
    if isinstance(options, MergeDuplicatesOptions) and options.is_also_there:
        return _("%(run)s, here and in HubSpot", run=name)
    fields = options.fields or {} if isinstance(options, BulkOptions) else {}
    named = [label(kind, field) for kind, names in fields.items() for field in names]
    return _("%(run)s: %(fields)s alone", run=name, fields=", ".join(named)) if named else name


def numbered(kind: str, number: int, *, is_preview: bool = False) -> str:
    """The name of a run of a kind of which no more is known."""
    return _with_number(KINDS.get(kind) or _("Run"), number, is_preview=is_preview)


def _with_number(kind: str, number: int, *, is_preview: bool = False) -> str:
    if is_preview:
        return _("%(run)s preview %(number)s", run=kind, number=number)
    return _("%(run)s %(number)s", run=kind, number=number)


def _reverted_name(options: UndoOptions) -> str:
    """The subject of an undo, such as `Pull 7: one record`."""
    name = numbered(options.run_kind, options.run_id)
    if options.object_type is not None and options.field is not None:
        return _(
            "%(run)s: %(field)s of one record", run=name, field=label(options.object_type, options.field)
        )
    return _("%(run)s: one record", run=name) if options.record_id is not None else name
