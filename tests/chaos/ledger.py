"""What both sides show to have been written, compared with the logs: each write stands in one log, once."""

from __future__ import annotations

from sqlalchemy import select

from tests.chaos.bed import Bed
from tests.support import ledger, pulling
from tests.support.laws import Picture
from tests.support.services import reading
from tests.support.written import typed_here, written_by
from webapp.models import LogEntry, Mail, RecordEdit, Run


def check(before: Picture, after: Picture, bed: Bed, first_run_id: int) -> None:
    """Check the logs of the runs since a moment, and that nothing is left that waits or was only announced.

    Raises:
        AssertionError: something written stands in no log or in two, or something is left.
    """
    entries = entries_since(first_run_id)
    edits = [edit for edit in pulling.all_rows(RecordEdit) if edit.at >= bed.began_at]
    ledger.check_balance(before, after, [*written_by(entries), *typed_here(edits)])
    ledger.check_counts(ledger.Logged(entries, {run.id: ledger.counts_of(run) for run, _ in entries}))
    ledger.check_nothing_announced()
    _check_mails(bed)


def entries_since(first_run_id: int) -> list[tuple[Run, LogEntry]]:
    """The log entries of the runs from this one on, each with its run."""
    runs = {run.id: run for run in pulling.all_rows(Run) if run.id >= first_run_id}
    with reading() as session:
        found = session.scalars(
            select(LogEntry).where(LogEntry.run_id.in_(runs)).order_by(LogEntry.run_id, LogEntry.seq)
        )
        return [(runs[entry.run_id], entry) for entry in found]


def _check_mails(bed: Bed) -> None:
    """Each mail was taken under one Message-ID; after a kill it may be uncertain whether it was."""
    mails = [mail for mail in pulling.all_rows(Mail) if mail.id > bed.last_mail_id]
    states = [mail.state for mail in mails]
    assert set(states) <= {"sent", "uncertain"}, [(mail.state, mail.error_text) for mail in mails]
    taken = {message["Message-ID"] for message in bed.mailbox.messages}
    assert states.count("sent") <= len(taken) <= len(mails), f"{states} under {len(taken)} Message-IDs"
