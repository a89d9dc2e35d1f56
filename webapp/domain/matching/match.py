"""Which record that is not linked to another object an unlinked object is: certain, doubtful, or none.

The stored link comes first and is decided elsewhere. Then our own key decides, then an e-mail address or a
domain, then the weights of everything else that two records have in common. Near evidence alone is doubtful.
Two objects of one portal are two records here, however alike: a record that is linked to another object
raises a question only where a second one beside it would break something.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from webapp.domain.matching.companies import company_evidence, company_terms
from webapp.domain.matching.contacts import contact_evidence, contact_terms
from webapp.domain.matching.evidence import IDENTITY, Kind, Score, weigh
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.matching.own_domains import is_own
from webapp.domain.matching.traits import Traits, traits_of
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.normal.phones import is_counted, is_no_number

# More candidates than these help nobody to decide.
_MOST_CANDIDATES = 20
_MOST_OF_A_KEY = 40

_Key = tuple[object, ...]


class Keys(Struct, kw_only=True):
    """By what a record or an object is looked up, and its fields to compare; None where it has none.

    `own_key` is the record's uuid, `further_domains` are a company's beside the first; the others are as in
    `webapp.domain.records.keys`.
    """

    object_type: ObjectType
    emails: frozenset[str] = frozenset()
    phone: str | None = None
    name: str | None = None
    company_id: int | None = None
    domain: str | None = None
    further_domains: frozenset[str] = frozenset()
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
                self.object_type,
                self.values,
                emails=self.emails,
                domains=self.further_domains,
                company_id=self.company_id,
            )
        return self.traits

    @property
    def domains(self) -> frozenset[str]:
        """Every domain of a company that is nobody else's."""
        given = self.further_domains if self.domain is None else self.further_domains | {self.domain}
        return frozenset(one for one in given if is_own(one))

    @property
    def usable_phone(self) -> str | None:
        """The phone number, unless it is one that nobody has."""
        key = self.phone
        return None if key is None or is_no_number(key) or is_counted(key) else key

    def exact(self) -> Iterator[_Key]:
        """What only the same record should share."""
        for email in self.emails:
            yield "email", email
        for domain in self.domains:
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
    """A record here that may be the same. `linked_to` is the object of its link, which is in that state."""

    record_id: int
    keys: Keys
    linked_to: str | None = None
    link_state: str = "linked"

    def is_free_for(self, remote_id: str) -> bool:
        """Whether the record may be linked to this object: it has no link with another one."""
        return self.linked_to in (None, remote_id)


class Evidence(Struct, frozen=True):
    """A candidate with what speaks for it, what each of that weighs, and what it comes to."""

    record_id: int
    evidence: tuple[str, ...]
    points: int
    weights: tuple[float, ...] = ()
    kind: Kind = "doubtful"


class Match(Struct, frozen=True):
    """The decision. `certain` has a record; `doubtful` has candidates and a reason.

    `looks_like` are the records that are linked to other objects of the portal, and yet resemble this one.
    """

    kind: Literal["certain", "doubtful", "none"]
    record_id: int | None = None
    reason: str | None = None
    candidates: tuple[Evidence, ...] = ()
    looks_like: tuple[Evidence, ...] = ()


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

    def become(self, candidate: Candidate, *, gone_email: str | None = None) -> None:
        """Make a record findable as it will be, and still as it was but for the address that it loses."""
        known = self.get(candidate.record_id)
        if known is None:
            self.add(candidate)
            return
        for key in candidate.keys.exact():
            self.by_key[key].append(known.record_id)
        keys = replace(
            known.keys,
            emails=(known.keys.emails - {gone_email}) | candidate.keys.emails,
            further_domains=known.keys.further_domains | candidate.keys.domains,
            values={**known.keys.values, **candidate.keys.values},
            traits=None,
        )
        self.known[known.record_id] = replace(candidate, keys=keys)

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
        if self.under is None:
            return here
        # Of a page that is full of one name the first few do: a look-up in the database brings no more.
        return (*here[:_MOST_OF_A_KEY], *self.under.by_key.get(key, ()))


def score_pair(
    object_type: ObjectType,
    a: Mapping[str, object],
    b: Mapping[str, object],
    *,
    further_emails: Iterable[str] = (),
    further_domains: Iterable[str] = (),
    frequencies: Frequencies = DEFAULT,
) -> Score:
    """Weigh what two records say of themselves.

    Args:
        object_type: Companies or contacts.
        a: One record's values by our field names.
        b: The other one's.
        further_emails: The addresses of `b` beside the first.
        further_domains: The domains of `b` beside the first.
        frequencies: How many records share which values.
    """
    there = traits_of(object_type, b, emails=further_emails, domains=further_domains)
    return _score(object_type, traits_of(object_type, a), there, frequencies)


def score_keys(a: Keys, b: Keys, frequencies: Frequencies = DEFAULT) -> Score:
    """Weigh two records by everything that they are recognised by."""
    return _score(a.object_type, a.read(), b.read(), frequencies)


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
    """Decide which record that is not linked to another object an unlinked object is.

    Args:
        object_type: Which rules of evidence apply.
        remote_id: The object's id.
        keys: What it is recognised by.
        index: The records that share one of its keys at least.
        apart: Records that a person has decided it is not.
    """
    marked = index.with_own_key(keys.own_key) if keys.own_key else None
    if marked is not None and marked.record_id not in apart:
        return _decide_marked(remote_id, keys, marked)
    found = {number: one for number, one in index.like(keys).items() if number not in apart}
    if not found:
        return NO_MATCH
    scores = {
        number: _score(object_type, keys.read(), one.keys.read(), index.frequencies)
        for number, one in found.items()
    }
    alike = {number: score for number, score in scores.items() if score.kind != "none"}
    free = {number: score for number, score in alike.items() if found[number].is_free_for(remote_id)}
    taken = {number: one for number, one in found.items() if not one.is_free_for(remote_id)}
    if of_email := [number for number, one in taken.items() if keys.emails & one.keys.emails]:
        return _doubt("email_of_another", free | {number: scores[number] for number in of_email})
    looks_like = _in_order({number: alike[number] for number in taken if number in alike})[:_MOST_CANDIDATES]
    match = decide(free)
    idle = {number: alike[number] for number in taken if number in alike and _has_ended(taken[number])}
    if idle and match.kind != "certain":
        return _doubt("may_be_successor", free | idle)
    return replace(match, looks_like=looks_like)


def _has_ended(one: Candidate) -> bool:
    """Whether a record's link works no more: the object may be the successor of the one that it had."""
    return one.link_state != "linked"


def _decide_marked(remote_id: str, keys: Keys, marked: Candidate) -> Match:
    """The object bears the record's own key: a push made it, or somebody has copied or rewritten it since."""
    known = marked.keys
    others = [
        name
        for name, ours, there in (
            ("other_email", known.emails, keys.emails),
            ("other_domain", known.domains, keys.domains),
        )
        if ours and there and not ours & there
    ]
    scores = {marked.record_id: weigh(keys.object_type, ("same_key", *others))}
    if not marked.is_free_for(remote_id):
        return _doubt("may_be_successor" if _has_ended(marked) else "key_of_another", scores)
    return _doubt("doubtful_match", scores) if others else decide(scores)


def decide(scores: dict[int, Score]) -> Match:
    """Decide by the scores of records, or objects, that are free to be linked.

    What names one of them outweighs whatever else others have in common with it.
    """
    named = {number for number, score in scores.items() if not IDENTITY.isdisjoint(score.evidence)}
    certain = {number: score for number, score in scores.items() if score.kind == "certain"}
    decisive = {number: certain[number] for number in certain if number in named} if named else certain
    if len(decisive) == 1:
        (record_id,) = decisive
        return Match("certain", record_id=record_id, candidates=_in_order(decisive))
    in_question = decisive or {number: scores[number] for number in named | certain.keys() or scores}
    if not in_question:
        return NO_MATCH
    return _doubt("several_candidates" if len(in_question) > 1 else "doubtful_match", in_question)


def _doubt(reason: str, scores: dict[int, Score]) -> Match:
    return Match("doubtful", reason=reason, candidates=_in_order(scores)[:_MOST_CANDIDATES])


def _in_order(scores: dict[int, Score]) -> tuple[Evidence, ...]:
    """The likeliest first."""
    ranked = sorted(scores.items(), key=lambda item: (-item[1].points, item[0]))
    return tuple(
        Evidence(record_id, score.evidence, score.points, score.weights, score.kind)
        for record_id, score in ranked
    )
