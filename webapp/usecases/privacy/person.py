"""A person's request about their own data: an export of everything that is kept, or its erasure."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from msgspec import Struct

from webapp.domain.privacy.person import Identity, Person, added, read_identity
from webapp.domain.records.naming import record_name
from webapp.errors import RefusedError, VaultError
from webapp.services import Services
from webapp.store.people import audit
from webapp.store.privacy import erased_addresses, erasing, erasures, export, files, finding, places, sweeping
from webapp.store.records import records
from webapp.store.runs import queries
from webapp.usecases.runs import lifecycle
from webapp.usecases.runs.publish import records_changed

_log = structlog.get_logger()


class Kept(Struct, frozen=True):
    """How much is kept about a person.

    Attributes:
        person: who they are.
        names: their records that are here, by number.
        counts: how many rows are theirs or mention them, by place.
        unchanged: how many mention them that an erasure leaves, by place.
        has_account: whether one of their addresses logs in here.
        erasure_id: the erasure that they had already.
    """

    person: Person
    names: dict[int, str]
    counts: dict[str, int]
    unchanged: dict[str, int]
    has_account: bool
    erasure_id: int | None


class Erased(Struct, frozen=True):
    """An erasure as it is over."""

    id: int
    finished_at: datetime
    counts: dict[str, int]


def look_up(services: Services, typed: str) -> Kept:
    """How much is kept about the person of an address, or of the number of a contact.

    Raises:
        RefusedError: `neither_address_nor_number`, what was typed is neither.
    """
    identity = _identity(typed)
    with services.database.reading() as session:
        person = finding.find(session, identity)
        earlier = erased_addresses.erasure_of(session, identity.address) if identity.address else None
        if not person.is_known:
            return Kept(person, {}, {}, {}, bool(export.accounts(session, person)), earlier)
        of_file = {"files": len(files.of_person(session, person))}
        mentioned = {"mentions": sum(1 for _row in sweeping.every_mention(session, person))}
        here = {number: records.get(session, "contacts", number) for number in person.record_ids}
        return Kept(
            person=person,
            names={n: record_name("contacts", vars(one)) for n, one in here.items() if one is not None},
            counts=added(added(places.counts(session, person), of_file), mentioned),
            unchanged=sweeping.unchanged(session, person),
            has_account=bool(export.accounts(session, person)),
            erasure_id=earlier,
        )


def collect(services: Services, typed: str) -> dict[str, Any]:
    """Everything that is kept about a person, by place; that somebody took it is in the audit log.

    Raises:
        RefusedError: `neither_address_nor_number`, or `nothing_kept`.
    """
    identity = _identity(typed)
    with services.database.reading() as session:
        found = export.collect(session, finding.find(session, identity))
    if not found:
        raise RefusedError("nothing_kept")
    with services.database.writing() as session:
        audit.add(session, services.actor, "person_exported")
    return {"made_at": datetime.now(UTC), "kept": found}


def begin(services: Services, typed: str) -> int:
    """Erase a person's record and rows in one transaction; `go_on` does the rest, or the schedule.

    One who was erased already, or is being erased, is found by the digest of the address; of two who begin at
    the same moment the second gets the erasure of the first.

    Returns:
        The number of the erasure.

    Raises:
        RefusedError: `neither_address_nor_number`, `nothing_kept`, or `record_being_sent`.
    """
    identity = _identity(typed)
    with services.database.reading() as session:
        person = finding.find(session, identity)
        earlier = erased_addresses.erasure_of(session, identity.address) if identity.address else None
    if not person.is_known:
        if earlier is None:
            raise RefusedError("nothing_kept")
        _name_again(services, earlier, person)
        return earlier
    now, user_id = datetime.now(UTC), services.actor.user_id
    with services.database.writing() as session:
        queries.hold_open(session)
        erased_addresses.wait_for_others(session)
        found_again = finding.find(session, identity)
        begun_meanwhile = erased_addresses.latest(session, person.addresses)
        if not found_again.is_known and begun_meanwhile is not None:
            return begun_meanwhile
        person = finding.complete(session, found_again)
        counts = erasing.erase(session, person, now)
        # What a slice has read of the person would come back with what it writes.
        fences = lifecycle.fence_off(session)
        sealed = services.vault.seal(msgspec.json.encode(person).decode())
        erasure_id = erasures.add(session, sealed=sealed, counts=counts, user_id=user_id, now=now)
        erased_addresses.add(session, erasure_id, person.addresses)
        audit.add(session, services.actor, "person_erased", erasure=erasure_id)
    lifecycle.let_go_on(services, fences)
    _log.info("person_erasure_began", erasure=erasure_id)
    records_changed(services)
    return erasure_id


def go_on(services: Services, erasure_id: int) -> Erased:
    """Remove the person from every row that mentions them; a part that was cut off is repeated.

    Raises:
        VaultError: who it was is encrypted with a lost key; `begin` with the same address helps.
    """
    with services.database.reading() as session:
        row = erasures.get(session, erasure_id)
    if row is None:
        raise RefusedError("nothing_kept")
    if row.sealed is not None:
        person = msgspec.json.decode(services.vault.open(row.sealed), type=Person)
        for name in sweeping.swept():
            _clean_table(services, person, name, erasure_id)
        with services.database.writing() as session:
            erasures.finish(session, erasure_id, now=datetime.now(UTC))
        _log.info("person_erased", erasure=erasure_id)
        with services.database.reading() as session:
            row = erasures.get(session, erasure_id) or row
    return Erased(row.id, row.finished_at or datetime.now(UTC), dict(row.counts))


def erase(services: Services, typed: str) -> Erased:
    """Erase a person, wholly."""
    return go_on(services, begin(services, typed))


def go_on_forgotten(services: Services) -> None:
    """Finish what pages have begun, and what was cut off."""
    with services.database.reading() as session:
        numbers = erasures.unfinished(session)
    for number in numbers:
        try:
            go_on(services, number)
        except VaultError:
            _log.exception("person_erasure_unreadable", erasure=number)


def _name_again(services: Services, erasure_id: int, person: Person) -> None:
    """A person whose erasure a lost key has stopped is known again by the address."""
    with services.database.writing() as session:
        row = erasures.get(session, erasure_id)
        if row is None or row.sealed is None:
            return
        try:
            services.vault.open(row.sealed)
        except VaultError:
            sealed = services.vault.seal(msgspec.json.encode(person).decode())
            erasures.reseal(session, erasure_id, sealed)


def _clean_table(services: Services, person: Person, name: str, erasure_id: int) -> None:
    """Rows are looked for in short reading transactions, and cleaned as they are by then.

    They are counted where they are cleaned, since a run resumed after a kill does not find them again.
    """
    after = tuple[Any, ...]()
    while True:
        with services.database.reading() as session:
            found = sweeping.find(session, person, name, after=after)
        if not found:
            return
        with services.database.writing() as session:
            erasures.count_mentions(session, erasure_id, sweeping.clean(session, person, found))
        after = found[-1].key


def _identity(typed: str) -> Identity:
    identity = read_identity(typed)
    if identity is None:
        raise RefusedError("neither_address_nor_number")
    return identity
