"""Creation checks: decides about an object that was created because HubSpot's lagging search showed none.

Absence from a search proves nothing. So the object is checked later: once the search has caught up with it,
anything created at the same time shows as well, whether by a person, the portal, or a second installation.
"""

from collections.abc import Mapping as Values
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.mapping.incoming import Incoming, read_incoming
from webapp.domain.mapping.mapping import KEY_PROPERTY, Mapping
from webapp.domain.matching.candidates import Candidate, CandidateIndex
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.matching.match import find_match
from webapp.domain.push.facts import FoundObject
from webapp.domain.records.values import Value

SEARCH_LAG = timedelta(seconds=30)
"""How long HubSpot's search may miss an object that was made or changed."""
CHECKED_AFTER = 2 * SEARCH_LAG
"""So long after a push has ended what it made is looked at."""

# HubSpot fills properties of its own while it makes an object.
_MAKING_TAKES = timedelta(minutes=1)
_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
_GIVEN_UP_AFTER = timedelta(days=1)

# Sources of a value behind which there is neither a person nor another app.
_HUBSPOT_ITSELF = frozenset(
    {"AUTO_ASSOCIATE_BY_DOMAIN", "CALCULATED", "COMPANY_INSIGHTS", "CRM", "ENRICHMENT", "HUBSPOT_INTERNAL"}
)
_ENRICHMENT = "CompanyInsights"


class Alike(Struct, frozen=True, kw_only=True):
    """An object of the same window that may be the same.

    Attributes:
        kind: what the matcher says of it and the record.
        owner: the record here that it is linked to.
        has_key: whether an installation of Twinbook has made it.
    """

    remote: FoundObject
    kind: Literal["certain", "doubtful"]
    evidence: tuple[str, ...] = ()
    points: int = 0
    owner: int | None = None
    has_key: bool = False

    @property
    def order(self) -> tuple[bool, int, str]:
        """Sorts the object to keep first: one that no installation has created, then the lowest number."""
        return self.has_key, *_number(self.remote.id)


class Made(Struct, frozen=True, kw_only=True):
    """An object that we created, and the others that HubSpot has beside it.

    Attributes:
        own: our object as it is now.
        is_indexed: whether the search finds it, and so everything that is older.
        alike: the objects that may be the same.
        work: what it carries that is neither ours nor HubSpot's own; read only where it might go.
    """

    own: FoundObject
    is_indexed: bool
    alike: tuple[Alike, ...] = ()
    work: tuple[str, ...] = ()


class Keep(Struct, frozen=True):
    """Our object stays, and nothing is in doubt."""


class Wait(Struct, frozen=True):
    """The search has not caught up: absence proves nothing yet."""


class Join(Struct, frozen=True):
    """The other object stays: ours is archived, and its record is linked to the other one."""

    survivor: Alike


class PossibleDuplicate(Struct, frozen=True):
    """A person has to decide about these objects and ours; `work` is what forbids archiving ours."""

    alike: tuple[Alike, ...]
    work: tuple[str, ...] = ()


Verdict = Keep | Wait | Join | PossibleDuplicate


class WrittenValue(Struct, frozen=True):
    """A property's present value, and who wrote it when."""

    text: str
    source: str | None = None
    source_id: str | None = None
    written_at: datetime | None = None


def was_made_in_window(own: FoundObject, other: FoundObject) -> bool:
    """Whether an object may have been there, unseen by the search, when ours was made: by HubSpot's clock."""
    return other.created_at >= own.created_at - CHECKED_AFTER


def alike(
    record_id: int,
    values: Values[str, Value],
    remote: FoundObject,
    mapping: Mapping,
    *,
    companies: tuple[int | None, int | None] = (None, None),
    owner: int | None = None,
    frequencies: Frequencies = DEFAULT,
) -> Alike | None:
    """The evidence of a record and an object; None where they have too little in common.

    Args:
        record_id: The record.
        values: Its fields.
        remote: The object.
        mapping: The mapping in force.
        companies: Of contacts, the companies here that the record and the object belong to.
        owner: The record here that the object is linked to.
        frequencies: By which what they share is weighed.
    """
    kind = mapping.object_type
    ours = replace(Incoming(kind, dict(values), {}).keys, company_id=companies[0])
    found = replace(read_incoming(remote.properties, mapping).keys, company_id=companies[1], own_key=None)
    index = CandidateIndex(frequencies=frequencies)
    index.add(Candidate(record_id, ours))
    match = find_match(remote.id, found, index, frozenset())
    if match.kind == "none":
        return None
    best = match.candidates[0]
    return Alike(
        remote=remote,
        kind=match.kind,
        evidence=best.evidence,
        points=best.points,
        owner=owner,
        has_key=bool(remote.properties.get(KEY_PROPERTY)),
    )


def survivor_of(made: Made) -> Alike | None:
    """The object that replaces ours; None if ours stays."""
    free = [one for one in made.alike if one.kind == "certain" and one.owner is None]
    first = min(free, key=lambda one: one.order, default=None)
    if first is None or first.order > (True, *_number(made.own.id)):
        return None
    return first


def decide(made: Made) -> Verdict:
    """The verdict about our object.

    Of two that installations have made the one with the lower number stays: both decide alike, whoever looks
    first. What has nothing certain in common, or is linked to another record, is left to a person.
    """
    if not made.is_indexed:
        return Wait()
    survivor = survivor_of(made)
    if survivor is not None and not made.work:
        return Join(survivor)
    in_doubt = tuple(one for one in made.alike if _is_in_doubt(one, survivor))
    return PossibleDuplicate(in_doubt, made.work) if in_doubt else Keep()


def _is_in_doubt(one: Alike, survivor: Alike | None) -> bool:
    if one.owner is not None:
        return one.kind == "certain"
    # What another installation has made later is that one's to decide.
    return one.kind == "doubtful" or one is survivor or not one.has_key


def work_of_others(
    own: FoundObject,
    values: Values[str, WrittenValue],
    base: Values[str, str | None],
    strangers: Sequence[str] = (),
) -> tuple[str, ...]:
    """The work of others on our object: names of properties, ids of objects.

    Args:
        own: Our object.
        values: What people may write of it, with our key: by its source our own writes are recognised.
        base: HubSpot's texts as both sides held them after our last write, by property.
        strangers: Associated objects that are not linked here.
    """
    key = values.get(KEY_PROPERTY)
    ours = (key.source, key.source_id) if key is not None else None

    def is_ours(name: str, value: WrittenValue) -> bool:
        if value.source in _HUBSPOT_ITSELF or (value.source_id or "").startswith(_ENRICHMENT):
            return True
        if ours is None or (value.source, value.source_id) != ours:
            return False
        is_new = value.written_at is not None and value.written_at - own.created_at <= _MAKING_TAKES
        return is_new or base.get(name) == value.text

    changed = [name for name, value in values.items() if name != KEY_PROPERTY and not is_ours(name, value)]
    return (*sorted(changed), *strangers)


def next_look(attempts: int, now: datetime, made_at: datetime) -> datetime | None:
    """When to search again if the index has not caught up; None after a day."""
    if now - made_at > _GIVEN_UP_AFTER:
        return None
    return now + _PAUSES[min(attempts, len(_PAUSES) - 1)]


def _number(remote_id: str) -> tuple[int, str]:
    """Orders ids as numbers: they are decimal texts of different lengths."""
    return len(remote_id), remote_id
