"""The jobs of the queues: functions of ids, each a call of one use case in `webapp.usecases`.

`WORK` has the work function of every kind of run; `webapp.domain.runs.kinds` says how to add a kind.
"""

import contextlib

import structlog
from redis.exceptions import RedisError

from webapp.errors import OtherVersionError
from webapp.services import Services
from webapp.store.runs import runs
from webapp.store.runs.runs import Run
from webapp.text.notifications.mails import letter
from webapp.usecases.changes import run as changes_run
from webapp.usecases.connection import account_trouble
from webapp.usecases.deletion import run as deletion_run
from webapp.usecases.duplicates import merge_run as merge_duplicates
from webapp.usecases.duplicates import scan as scan_duplicates
from webapp.usecases.held import carry_out
from webapp.usecases.notifications import sending as mail_sending
from webapp.usecases.operating.durations import HUBSPOT_CALLS
from webapp.usecases.pull import bulk as bulk_pull
from webapp.usecases.pull import record as record_pull
from webapp.usecases.push import automatic as automatic_push
from webapp.usecases.push import bulk as bulk_push
from webapp.usecases.push import record as record_push
from webapp.usecases.push.new_objects import creation_checks
from webapp.usecases.reconcile import walk as reconcile_walk
from webapp.usecases.records.files import import_run
from webapp.usecases.rules import trials as rule_trials
from webapp.usecases.runs import slices
from webapp.usecases.runs.lease import Lease, LocalWork, Work
from webapp.usecases.undo import run as undo_run
from webapp.usecases.webhooks import refresh

WORK: dict[str, Work | LocalWork] = {
    "pull": bulk_pull.work,
    "push": bulk_push.work,
    "pull_record": record_pull.work,
    "push_record": record_push.work,
    "refresh": refresh.work,
    "decisions": carry_out.work,
    "auto_push": automatic_push.work,
    "reconcile": reconcile_walk.work,
    "check": creation_checks.work,
    "find_duplicates": scan_duplicates.work,
    "merge_duplicates": merge_duplicates.work,
    "undo": LocalWork(undo_run.work),
    "delete": LocalWork(deletion_run.work),
    "change": LocalWork(changes_run.work),
    "delete_record": LocalWork(deletion_run.work),
    "import": LocalWork(import_run.work),
}
# What came while the last slice of such a run ended is begun at once, not only when the schedule finds it.
BEGIN_AGAIN = {"refresh": refresh.begin, "auto_push": automatic_push.begin}


class _OfThisProcess:
    """The services for the jobs of this process: RQ hands them nothing but ids."""

    services: Services | None = None


def bind(services: Services) -> None:
    """Have the jobs of this process work with these services; a worker does so before its first job."""
    _OfThisProcess.services = services


def _services() -> Services:
    if _OfThisProcess.services is None:
        raise RuntimeError("jobs.bind was not called in this process")
    return _OfThisProcess.services


def run_slice(run_id: int, fence: int) -> None:
    """Work off the slice of a run that holds this fence."""
    services = _services()
    with services.database.reading() as session:
        run = runs.get(session, run_id)
    if run is None:
        return
    # Whatever is logged on the way says of which run, and by which request it was started.
    with structlog.contextvars.bound_contextvars(run_id=run_id, **_request_of(run)):
        slices.run_slice(services, run_id, fence, WORK.get(run.kind, LocalWork(_of_other_version)))
    with contextlib.suppress(RedisError):
        HUBSPOT_CALLS.flush(services.redis)
    if begin_again := BEGIN_AGAIN.get(run.kind):
        begin_again(services, run.connection_id)


def _of_other_version(lease: Lease) -> bool:
    """Let a run wait whose kind this version does not know.

    Raises:
        OtherVersionError: always.
    """
    raise OtherVersionError(str(lease.run_id))


def _request_of(run: Run) -> dict[str, str]:
    return {"request_id": run.request_id} if run.request_id else {}


def begin_refresh(connection_id: int) -> None:
    """Look into the webhook events of a portal."""
    refresh.begin(_services(), connection_id)


def begin_auto_push(connection_id: int) -> None:
    """Send what was edited here."""
    automatic_push.begin(_services(), connection_id)


def probe_account(connection_id: int) -> None:
    """Look whether the trouble of an account has ended."""
    account_trouble.probe_alone(_services(), connection_id)


def carry_out_decision(remote_object_id: int) -> None:
    """Do what a person decided about a held object."""
    carry_out.carry_out(_services(), remote_object_id)


def count_rule_trial(trial_id: int) -> None:
    """Count on what a rule would change."""
    rule_trials.go_on(_services(), trial_id)


def send_mail(mail_id: int) -> None:
    """Try to send one mail."""
    mail_sending.send(_services(), mail_id, letter)
