"""Which record an unlinked object is: certain, doubtful, or none.

The stored link has decided before this is asked. Contacts match on e-mail (any address), then on phone plus
name, then on name within the same company; companies on domain, then on name plus place or phone. Evidence
weaker than an address or a domain is doubted as soon as the two sides hold different ones.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct, field

from webapp.domain.fields import ObjectType
from webapp.domain.free_mail import FREE_MAIL_DOMAINS


class Keys(Struct):
    """What a record or an object is recognised by; None where it has none. `own_key` is the record's uuid."""

    emails: frozenset[str] = frozenset()
    phone: str | None = None
    name: str | None = None
    company_id: int | None = None
    domain: str | None = None
    place: frozenset[str] = frozenset()
    own_key: str | None = None


class Candidate(Struct):
    """A record here that may be the same. `linked_to` is the object it is linked to already."""

    record_id: int
    keys: Keys
    linked_to: str | None = None


class Evidence(Struct, frozen=True):
    """A candidate with what speaks for it."""

    record_id: int
    evidence: tuple[str, ...]


class Match(Struct, frozen=True):
    """The decision. `certain` has a record; `doubtful` has candidates and a reason."""

    kind: Literal["certain", "doubtful", "none"]
    record_id: int | None = None
    reason: str | None = None
    candidates: tuple[Evidence, ...] = ()


NO_MATCH = Match("none")

# What each piece of evidence is called on screen.
EVIDENCE = {
    "same_key": "the key that this record was given in HubSpot",
    "same_email": "same e-mail address",
    "same_phone": "same phone number",
    "same_name": "same name",
    "same_company": "same company",
    "same_domain": "same domain",
    "same_place": "same place",
    "other_email": "but another e-mail address",
    "other_domain": "but another domain",
}


class CandidateIndex(Struct):
    """Candidates by their keys: those of the database, and those that the same page is about to create."""

    by_own_key: dict[str, Candidate] = field(default_factory=dict)
    by_email: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    by_phone: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    by_domain: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    known: dict[int, Candidate] = field(default_factory=dict)

    def add(self, candidate: Candidate) -> None:
        """Make a record findable; adding it again changes nothing."""
        if candidate.record_id in self.known:
            return
        self.known[candidate.record_id] = candidate
        keys = candidate.keys
        if keys.own_key:
            self.by_own_key[keys.own_key] = candidate
        for email in keys.emails:
            self.by_email[email].append(candidate)
        if keys.phone:
            self.by_phone[keys.phone].append(candidate)
        if keys.name:
            self.by_name[keys.name].append(candidate)
        if keys.domain:
            self.by_domain[keys.domain].append(candidate)


def find_match(
    object_type: ObjectType, remote_id: str, keys: Keys, index: CandidateIndex, apart: frozenset[int]
) -> Match:
    """Decide what an unlinked object is.

    Args:
        object_type: Which rules of evidence apply.
        remote_id: The object's id.
        keys: What it is recognised by.
        index: The records that share one of its keys at least.
        apart: Records that a person said it is not.
    """
    marked = index.by_own_key.get(keys.own_key or "")
    if marked is not None and marked.record_id not in apart:
        return _decide_marked(remote_id, keys, marked, index)
    find = _contact_evidence if object_type == "contacts" else _company_evidence
    strong, weak = find(keys, index, apart)
    if strong:
        return _decide(remote_id, strong, index)
    # Two objects of one portal may well look alike; only an unlinked record raises the question.
    open_ones = [item for item in weak if index.known[item.record_id].linked_to is None]
    return Match("doubtful", reason="doubtful_match", candidates=tuple(open_ones)) if open_ones else NO_MATCH


def _decide_marked(remote_id: str, keys: Keys, marked: Candidate, index: CandidateIndex) -> Match:
    """The object bears the record's own key: a push made it, or somebody has rewritten it since."""
    others = [
        name
        for name, differs in (
            (
                "other_email",
                bool(keys.emails and marked.keys.emails and not keys.emails & marked.keys.emails),
            ),
            ("other_domain", bool(keys.domain and marked.keys.domain and keys.domain != marked.keys.domain)),
        )
        if differs
    ]
    item = _evidence(marked, "same_key", *others)
    if others and marked.linked_to is None:
        return Match("doubtful", reason="doubtful_match", candidates=(item,))
    return _decide(remote_id, [item], index)


def _decide(remote_id: str, strong: list[Evidence], index: CandidateIndex) -> Match:
    if len(strong) > 1:
        return Match("doubtful", reason="several_candidates", candidates=tuple(strong))
    linked_to = index.known[strong[0].record_id].linked_to
    if linked_to not in (None, remote_id):
        return Match("doubtful", reason="already_linked", candidates=tuple(strong))
    return Match("certain", record_id=strong[0].record_id, candidates=tuple(strong))


_Found = tuple[list[Evidence], list[Evidence]]


def _contact_evidence(keys: Keys, index: CandidateIndex, apart: frozenset[int]) -> _Found:
    by_email = _unique(candidate for email in keys.emails for candidate in index.by_email.get(email, ()))
    hits = [_evidence(candidate, "same_email") for candidate in by_email if candidate.record_id not in apart]
    if hits or not keys.name:
        return hits, []
    strong: list[Evidence] = []
    weak: list[Evidence] = []
    for candidate in index.by_name.get(keys.name, ()):
        if candidate.record_id in apart:
            continue
        shared = [
            name
            for name, is_same in (
                ("same_phone", keys.phone is not None and keys.phone == candidate.keys.phone),
                (
                    "same_company",
                    keys.company_id is not None and keys.company_id == candidate.keys.company_id,
                ),
            )
            if is_same
        ]
        if not shared:
            continue
        if keys.emails and candidate.keys.emails:
            weak.append(_evidence(candidate, "same_name", *shared, "other_email"))
        else:
            strong.append(_evidence(candidate, "same_name", *shared))
    return strong, weak


def _company_evidence(keys: Keys, index: CandidateIndex, apart: frozenset[int]) -> _Found:
    domain = None if keys.domain in FREE_MAIL_DOMAINS else keys.domain
    if domain:
        hits = [
            _evidence(candidate, "same_domain")
            for candidate in index.by_domain.get(domain, ())
            if candidate.record_id not in apart
        ]
        if hits:
            return hits, []
    strong: list[Evidence] = []
    weak: list[Evidence] = []
    for candidate in index.by_name.get(keys.name or "", ()):
        if candidate.record_id in apart:
            continue
        item, is_strong = _name_evidence(keys, domain, candidate)
        if item is not None:
            (strong if is_strong else weak).append(item)
    return strong, weak


def _name_evidence(keys: Keys, domain: str | None, candidate: Candidate) -> tuple[Evidence | None, bool]:
    """What the same company name is worth beside place, phone and domain."""
    shared = [
        name
        for name, is_same in (
            ("same_place", bool(keys.place & candidate.keys.place)),
            ("same_phone", keys.phone is not None and keys.phone == candidate.keys.phone),
        )
        if is_same
    ]
    if domain and candidate.keys.domain:
        return (_evidence(candidate, "same_name", *shared, "other_domain") if shared else None), False
    if shared:
        return _evidence(candidate, "same_name", *shared), True
    is_elsewhere = bool(keys.place and candidate.keys.place)
    return (None if is_elsewhere else _evidence(candidate, "same_name")), False


def _evidence(candidate: Candidate, *names: str) -> Evidence:
    return Evidence(candidate.record_id, names)


def _unique(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Each candidate once, in order of its number: the order of a set of addresses is chance."""
    by_id = {candidate.record_id: candidate for candidate in candidates}
    return [by_id[record_id] for record_id in sorted(by_id)]
