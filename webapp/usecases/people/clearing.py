"""Clears expired sessions, links and typed forms; called by the schedule."""

from datetime import UTC, datetime, timedelta

from webapp.services import Services
from webapp.store.notifications import mails
from webapp.store.operating.clock import surely_past
from webapp.store.people import mailed_links, sessions, typed_forms
from webapp.usecases.people import audit
from webapp.usecases.people.typed_forms import KEPT

_MAILS_LAST = timedelta(days=1)


def clear_old(services: Services) -> None:
    """Clear away sessions and links that are over, forms nobody came back to, and old audit entries."""
    now = datetime.now(UTC)
    past = surely_past(services.database.engine, now)
    with services.database.writing() as session:
        sessions.clear_old(session, now)
        mailed_links.clear_old(session, now)
        typed_forms.clear_old(session, past - KEPT)
        mails.clear_sent_links(session, now - _MAILS_LAST)
    audit.clear_old(services)
