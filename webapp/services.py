"""The services of the use cases: made once by `webapp.app.create_app`, and passed on."""

from dataclasses import dataclass, field
from threading import Event

from redis import Redis

from webapp.domain.people.actor import MACHINE, Actor
from webapp.domain.webhooks.events import Read
from webapp.mailer import Mailer
from webapp.settings import Settings
from webapp.store.database.transactions import Database
from webapp.store.database.write_coalescer import WriteCoalescer
from webapp.vault import Vault


# Error reports show arguments of functions: no secret of the settings may appear in them.
@dataclass(frozen=True, repr=False)
class Services:
    """The services of one application in one process.

    Attributes:
        settings: read from the environment.
        database: begins and ends transactions.
        redis: queues, locks, hints and the call budget.
        vault: encrypts and decrypts tokens.
        mailer: sends mail.
        deliveries: gathers the deliveries of webhook events that come at the same moment.
        actor: on whose behalf they work; what pages and commands are handed names who acts.
        stop: set once the worker process is to end; long slices then come to theirs.
    """

    settings: Settings
    database: Database
    redis: Redis
    vault: Vault
    mailer: Mailer
    deliveries: WriteCoalescer[Read]
    actor: Actor = MACHINE
    stop: Event = field(default_factory=Event)
