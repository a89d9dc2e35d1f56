"""The state of an account beside its token: recorded when a call meets it, probed, and resumed by itself."""

from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from webapp.errors import Problem, TwinbookError, WaitLongerError, problem
from webapp.hubspot import probe
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import AccountRefused, AppRefused, HubSpotError, MissingScopes, TlsTrouble
from webapp.services import Services
from webapp.store.connection import connections, troubles
from webapp.usecases.connection.portal import open_client
from webapp.usecases.runs import queues

# A run that waits for the probe's time takes it within seconds.
_LEFT_TO_RUNS = timedelta(seconds=20)

_log = structlog.get_logger()


class AccountPausedError(WaitLongerError):
    """Automatic work is paused for the account's state; `text` is the stored problem."""

    def __init__(self, code: str, not_before: datetime, text: str | None) -> None:
        super().__init__(code, not_before)
        self.text = text


def record(services: Services, connection_id: int, error: HubSpotError) -> None:
    """A call has met a state of the account that nobody but a person can change."""
    with services.database.writing() as session:
        is_news = troubles.record(session, connection_id, problem_of(error), datetime.now(UTC))
    if is_news:
        _log.warning("account_trouble", connection_id=connection_id, error=error.reason)


def is_of_account(error: Exception) -> bool:
    """Whether an error is the state of an account rather than of a request."""
    return isinstance(error, AccountRefused | AppRefused | MissingScopes | TlsTrouble)


def problem_of(error: HubSpotError) -> Problem:
    """The trouble of the account, as a value."""
    message = error.problem or error.message
    if isinstance(error, MissingScopes):
        return problem("missing_scopes", scopes=list(error.scopes), message=message)
    return problem(error.reason, said=message)


def wait_until_usable(services: Services, connection_id: int, client: HubSpotClient) -> None:
    """Let automatic work go on where nothing keeps the account from it; else make the one probe that is due.

    Raises:
        AccountPausedError: It is too early for a probe, or another run makes it.
        TwinbookError: What the probe met.
    """
    now = datetime.now(UTC)
    with services.database.reading() as session:
        row = connections.get(session, connection_id)
    if row is None or troubles.lasting(row) is None:
        return
    with services.database.writing() as session:
        is_ours = troubles.claim_probe(session, connection_id, now)
        row = connections.get(session, connection_id)
        trouble = troubles.lasting(row)
    if row is None or trouble is None:
        return
    if not is_ours:
        raise AccountPausedError(trouble.code, trouble.probe_at, row.trouble_text)
    probe.probe(client, _problem_in(row.trouble_text))
    with services.database.writing() as session:
        troubles.end(session, connection_id, datetime.now(UTC))
    _log.info("account_usable", connection_id=connection_id)


def next_probe_at(services: Services, connection_id: int) -> datetime | None:
    """When the account's trouble is probed next; None where there is none."""
    with services.database.reading() as session:
        trouble = troubles.lasting(connections.get(session, connection_id))
    return trouble.probe_at if trouble is not None else None


def probe_forgotten(services: Services) -> None:
    """Queue the probes that no run has made, as where automatic sync has not begun yet."""
    with services.database.reading() as session:
        unprobed = troubles.unprobed(session, datetime.now(UTC) - _LEFT_TO_RUNS)
    for connection_id in unprobed:
        queues.enqueue_probe(services, connection_id)


def probe_alone(services: Services, connection_id: int) -> None:
    """Probe outside any run. What it meets is recorded."""
    try:
        client = open_client(services, connection_id)
    except TwinbookError as error:
        _log.info("account_not_probed", connection_id=connection_id, error=str(error))
        return
    try:
        wait_until_usable(services, connection_id, client)
    except TwinbookError as error:
        if isinstance(error, HubSpotError) and is_of_account(error):
            record(services, connection_id, error)
    finally:
        client.close()


def _problem_in(text: str | None) -> Problem:
    return msgspec.json.decode(text or '{"code": "account_refused"}', type=Problem)
