"""Which record an unlinked object is: certain, doubtful, or none.

The stored link comes first and is decided elsewhere. Then our own key decides, then an e-mail address or a
domain, then the weights of everything else that two records have in common. Near evidence alone is doubtful.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from webapp.domain.matching.companies import company_evidence, company_terms
from webapp.domain.matching.contacts import contact_evidence, contact_terms
from webapp.domain.matching.evidence import IDENTITY, Score, weigh
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.matching.traits import Traits, traits_of
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.normal.phones import is_counted, is_no_number

# More candidates than these help nobody to decide.
_MOST_CANDIDATES = 20

_Key = tuple[object, ...]


class Keys(Struct, kw_only=True):
    """By what a record or an object is looked up, and its fields to compare; None where it has none.

    `own_key` is the record's uuid; the others are as in `webapp.domain.records.keys`.
    """

    object_type: ObjectType
    emails: frozenset[str] = frozenset()
    phone: str | None = None
    name: str | None = None
    company_id: int | None = None
    domain: str | None = None
    place: str | None = None
    initials: str | None = None
    letters: str | None = None
    street: str | None = None
    birthday: str | None = None
    own_key: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    traits: Traits | None = None

    def read(self) -> Traits:
        """The fields as they are compared; read once."""
        if self.traits is None:
            self.traits = traits_of(
                self.object_type, self.values, emails=self.emails, company_id=self.company_id
            )
        return self.traits

    @property
    def own_domain(self) -> str | None:
        """The domain, where it is nobody else's."""
        return own_domain(self.domain)

    @property
    def usable_phone(self) -> str | None:
        """The phone number, unless it is one that nobody has."""
        key = self.phone
        return None if key is None or is_no_number(key) or is_counted(key) else key

    def exact(self) -> Iterator[_Key]:
        """What only the same record should share."""
        for email in self.emails:
            yield "email", email
        if domain := self.own_domain:
            yield "domain", domain
        if self.name and self.object_type == "companies":
            yield "name", self.name
        elif self.name:
            if phone := self.usable_phone:
                yield "phone", phone, self.name
            if self.company_id is not None:
                yield "company", self.company_id, self.name

    def near(self) -> Iterator[_Key]:
        """What records that look alike share, and others too."""
        if phone := self.usable_phone:
            yield "phone", phone
        if self.place:
            yield "place", self.place
        if self.letters:
            yield "letters", self.letters
        if self.street:
            yield "street", self.street
        if self.birthday:
            yield "birthday", self.birthday
        if self.company_id is not None and self.initials:
            yield "initials", self.company_id, self.initials


class Candidate(Struct, frozen=True):
    """A record here that may be the same. `linked_to` is the object it is linked to already."""

    record_id: int
    keys: Keys
    linked_to: str | None = None


class Evidence(Struct, frozen=True):
    """A candidate with what speaks for it, what each of that weighs, and what it comes to."""

    record_id: int
    evidence: tuple[str, ...]
    points: int
    weights: tuple[float, ...] = ()


class Match(Struct, frozen=True):
    """The decision. `certain` has a record; `doubtful` has candidates and a reason."""

    kind: Literal["certain", "doubtful", "none"]
    record_id: int | None = None
    reason: str | None = None
    candidates: tuple[Evidence, ...] = ()


NO_MATCH = Match("none")


class CandidateIndex(Struct):
    """Records by their keys. What is added to an index that is laid over another one is not in that one.

    `frequencies` are those by which their values are weighed.
    """

    known: dict[int, Candidate] = field(default_factory=dict)
    by_own_key: dict[str, int] = field(default_factory=dict)
    by_key: dict[_Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    under: "CandidateIndex | None" = None
    frequencies: Frequencies = DEFAULT

    def laid_over(self) -> "CandidateIndex":
        """An index that finds the same, for whoever adds what this one is not to know."""
        return CandidateIndex(under=self, frequencies=self.frequencies)

    def get(self, record_id: int) -> Candidate | None:
        """The record with this number."""
        found = self.known.get(record_id)
        return self.under.get(record_id) if found is None and self.under is not None else found

    def with_own_key(self, own_key: str) -> Candidate | None:
        """The record whose uuid this is."""
        number = self.by_own_key.get(own_key)
        if number is not None:
            return self.get(number)
        return self.under.with_own_key(own_key) if self.under is not None else None

    def add(self, candidate: Candidate) -> None:
        """Make a record findable; adding it again changes nothing.

        Two objects of one portal may well look alike, so a linked record is found by what is exact alone.
        """
        number, keys = candidate.record_id, candidate.keys
        if self.get(number) is not None:
            return
        self.known[number] = candidate
        if keys.own_key:
            self.by_own_key[keys.own_key] = number
        for key in keys.exact():
            self.by_key[key].append(number)
        if candidate.linked_to is None:
            for key in keys.near():
                self.by_key[key].append(number)

    def become(self, candidate: Candidate) -> None:
        """Make a record findable as it will be, and still as it was."""
        known = self.get(candidate.record_id)
        if known is None:
            self.add(candidate)
            return
        for key in candidate.keys.exact():
            self.by_key[key].append(known.record_id)
        keys = replace(
            known.keys,
            emails=known.keys.emails | candidate.keys.emails,
            values={**known.keys.values, **candidate.keys.values},
            traits=None,
        )
        self.known[known.record_id] = Candidate(known.record_id, keys, candidate.linked_to)

    def like(self, keys: Keys) -> dict[int, Candidate]:
        """The records that share a key, by number."""
        found = dict(self._with_one_of(keys.exact()))
        found.update((number, one) for number, one in self._with_one_of(keys.near()) if one.linked_to is None)
        return found

    def _with_one_of(self, keys: Iterable[_Key]) -> Iterator[tuple[int, Candidate]]:
        for key in keys:
            for number in self._numbers(key):
                if (one := self.get(number)) is not None:
                    yield number, one

    def _numbers(self, key: _Key) -> Sequence[int]:
        here = self.by_key.get(key, ())
        return (*here, *self.under.by_key.get(key, ())) if self.under is not None else here


def score_pair(
    object_type: ObjectType,
    a: Mapping[str, object],
    b: Mapping[str, object],
    *,
    further_emails: Iterable[str] = (),
    frequencies: Frequencies = DEFAULT,
) -> Score:
    """Weigh what two records say of themselves.

    Args:
        object_type: Companies or contacts.
        a: One record's values by our field names.
        b: The other one's.
        further_emails: The addresses of `b` beside the first.
        frequencies: How many records share which values.
    """
    sides = traits_of(object_type, a), traits_of(object_type, b, emails=further_emails)
    return _score(object_type, *sides, frequencies)


def _score(object_type: ObjectType, a: Traits, b: Traits, frequencies: Frequencies) -> Score:
    if object_type == "contacts":
        return weigh(object_type, contact_evidence(a, b), contact_terms(a, b), frequencies)
    return weigh(object_type, company_evidence(a, b), company_terms(a, b), frequencies)


def weighed(a: Keys, b: Keys, frequencies: Frequencies = DEFAULT) -> tuple[tuple[str, float], ...]:
    """What an object and a record have in common, and what each of that weighs."""
    score = _score(a.object_type, a.read(), b.read(), frequencies)
    return tuple(zip(score.evidence, score.weights, strict=True))


def find_match(
    object_type: ObjectType, remote_id: str, keys: Keys, index: CandidateIndex, apart: frozenset[int]
) -> Match:
    """Decide what an unlinked object is.

    Args:
        object_type: Which rules of evidence apply.
        remote_id: The object's id.
        keys: What it is recognised by.
        index: The records that share one of its keys at least.
        apart: Records that a person has decided it is not.
    """
    marked = index.with_own_key(keys.own_key) if keys.own_key else None
    if marked is not None and marked.record_id not in apart:
        return _decide_marked(remote_id, keys, marked, index)
    found = index.like(keys)
    if not found:
        return NO_MATCH
    scores = {
        number: _score(object_type, keys.read(), one.keys.read(), index.frequencies)
        for number, one in found.items()
        if number not in apart
    }
    named = {number: score for number, score in scores.items() if not IDENTITY.isdisjoint(score.evidence)}
    certain = named or {number: score for number, score in scores.items() if score.kind == "certain"}
    if certain:
        return _decide(remote_id, certain, index)
    # Two objects of one portal may well look alike; only an unlinked record raises the question.
    doubtful = {
        number: score
        for number, score in scores.items()
        if score.kind == "doubtful" and found[number].linked_to is None
    }
    return _doubt("doubtful_match", doubtful) if doubtful else NO_MATCH


def _decide_marked(remote_id: str, keys: Keys, marked: Candidate, index: CandidateIndex) -> Match:
    """The object bears the record's own key: a push made it, or somebody has rewritten it since."""
    known = marked.keys
    others = [
        name
        for name, differs in (
            (
                "other_email",
                bool(keys.emails and known.emails and not keys.emails & known.emails),
            ),
            (
                "other_domain",
                bool(keys.domain and known.domain and keys.domain != known.domain),
            ),
        )
        if differs
    ]
    score = weigh(keys.object_type, ("same_key", *others))
    if others and marked.linked_to is None:
        return _doubt("doubtful_match", {marked.record_id: score})
    return _decide(remote_id, {marked.record_id: score}, index)


def _decide(remote_id: str, scores: dict[int, Score], index: CandidateIndex) -> Match:
    if len(scores) > 1:
        return _doubt("several_candidates", scores)
    ((record_id, score),) = scores.items()
    known = index.get(record_id)
    if known is not None and known.linked_to not in (None, remote_id):
        return _doubt("already_linked", scores)
    if score.kind != "certain":
        return _doubt("doubtful_match", scores)
    return Match("certain", record_id=record_id, candidates=_in_order(scores))


def _doubt(reason: str, scores: dict[int, Score]) -> Match:
    return Match("doubtful", reason=reason, candidates=_in_order(scores)[:_MOST_CANDIDATES])


def _in_order(scores: dict[int, Score]) -> tuple[Evidence, ...]:
    """The likeliest first."""
    ranked = sorted(scores.items(), key=lambda item: (-item[1].points, item[0]))
    return tuple(
        Evidence(record_id, score.evidence, score.points, score.weights) for record_id, score in ranked
    )
