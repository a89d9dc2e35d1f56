"""What the queues carry: functions of ids, each one line of a story told in `webapp.sync`."""

from webapp.hubspot.client import HubSpotClient
from webapp.store import runs
from webapp.store.transactions import reading
from webapp.sync import (
    auto_push,
    held_runs,
    mail,
    pull,
    pull_record,
    push,
    push_record,
    reconcile,
    refresh,
    rule_trials,
    slices,
    undo,
)
from webapp.sync.slices import Slice


def _work_refresh(piece: Slice, client: HubSpotClient) -> bool:
    """A refresh looks at what HubSpot has told of, or at what people have decided about."""
    if held_runs.DECISIONS in piece.options:
        return held_runs.work(piece, client)
    return refresh.work(piece, client)


_WORK = {
    "pull": pull.work,
    "push": push.work,
    "pull_record": pull_record.work,
    "push_record": push_record.work,
    "refresh": _work_refresh,
    "auto_push": auto_push.work,
    "reconcile": reconcile.work,
    "undo": undo.work,
}
# What came while the last slice of such a run ended is begun at once, not only when the schedule finds it.
_BEGIN_AGAIN = {"refresh": refresh.begin, "auto_push": auto_push.begin}


def run_slice(run_id: int, fence: int) -> None:
    """Work off the slice of a run that holds this fence."""
    with reading() as session:
        run = runs.get(session, run_id)
    if run is not None:
        slices.run_slice(run_id, fence, _WORK[run.kind])
        if begin_again := _BEGIN_AGAIN.get(run.kind):
            begin_again(run.connection_id)


def begin_refresh(connection_id: int) -> None:
    """Look into what HubSpot has told of a portal."""
    refresh.begin(connection_id)


def begin_auto_push(connection_id: int) -> None:
    """Send what was edited here."""
    auto_push.begin(connection_id)


def carry_out_decision(remote_object_id: int) -> None:
    """Do what a person decided about a held object."""
    held_runs.carry_out(remote_object_id)


def count_rule_trial(trial_id: int) -> None:
    """Count on what a rule would change."""
    rule_trials.go_on(trial_id)


def send_mail(mail_id: int) -> None:
    """Try to send one mail."""
    mail.send(mail_id)
