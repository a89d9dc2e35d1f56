"""The checker of a cell: a ledger of what was written on either side, nothing left waiting, and the mails."""

from __future__ import annotations

from tests.chaos.beds.bed import Bed
from tests.support.invariants.ledger import Ledger
from tests.support.usecases import pulling
from webapp.models import InboxEvent, Mail


def check(ledger: Ledger, bed: Bed) -> None:
    """Check that each write stands in one log, once, and that nothing waits or was only announced.

    Args:
        ledger: As it was opened before the flow.
        bed: Where it took place.

    Raises:
        AssertionError: something written stands in no log or in two, or something is left.
    """
    ledger.balance(bed.erased)
    assert not pulling.all_rows(InboxEvent), "what HubSpot told of, or is looked at again, is waited for"
    _check_mails(bed)


def _check_mails(bed: Bed) -> None:
    """Each mail was taken under one Message-ID; after a kill it may be uncertain whether it was.

    Of a run that a person continued a further mail reports the further end.
    """
    mails = [mail for mail in pulling.all_rows(Mail) if mail.id > bed.last_mail_id]
    states = [mail.state for mail in mails]
    assert set(states) <= {"sent", "uncertain"}, [(mail.state, mail.error_text) for mail in mails]
    taken = {message["Message-ID"] for message in bed.mailbox.messages}
    assert states.count("sent") <= len(taken) <= len(mails) + bed.continued, (
        f"{states} under {len(taken)} Message-IDs"
    )
