"""Decides which record an unlinked object is: certain, doubtful, or none.

A stored link comes first, and is handled elsewhere. Next our own key decides, then an e-mail address or a
domain, then the weights of everything else that two records have in common. Similarity alone is doubtful.
Two objects of one portal are two records here, however alike. So a record that is linked to another object is
no candidate, unless a second record beside it would break something: then a person is asked.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.matching.candidates import Candidate, CandidateIndex
from webapp.domain.matching.evidence import IDENTITY, Kind, Score, weigh
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.scoring import score_keys

# More candidates than these help nobody to decide.
_MOST_CANDIDATES = 20


class Evidence(Struct, frozen=True):
    """A candidate with its evidence, the weights, and the total."""

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


def find_match(remote_id: str, keys: Keys, index: CandidateIndex, apart: frozenset[int]) -> Match:
    """Decide which record an unlinked object is, among records that are not linked to another object.

    Args:
        remote_id: The object's id.
        keys: What it is recognised by.
        index: The records that share one of its keys at least.
        apart: Records that a person has decided it is not.
    """
    with_key = index.with_own_key(keys.own_key) if keys.own_key else None
    if with_key is not None and with_key.record_id not in apart:
        return _decide_with_key(remote_id, keys, with_key)
    found = {number: one for number, one in index.like(keys).items() if number not in apart}
    if not found:
        return NO_MATCH
    scores = {
        number: score_keys(keys, one.keys, index.frequencies, in_full=False) for number, one in found.items()
    }
    if index.is_crowded(keys):
        scores = _only_in_question(scores, index.brought_whole(keys))
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


def _only_in_question(scores: dict[int, Score], brought_whole: set[int]) -> dict[int, Score]:
    """The scores where a record that only crowded keys have brought is certain no longer.

    Others that are as much alike may be beyond those that such a key brings.
    """
    return {
        number: replace(score, kind="doubtful")
        if score.kind == "certain" and number not in brought_whole and not _is_named(score)
        else score
        for number, score in scores.items()
    }


def _is_named(score: Score) -> bool:
    return not IDENTITY.isdisjoint(score.evidence)


def _has_ended(one: Candidate) -> bool:
    """Whether a record's link no longer works, so that the object may be the successor of its former one."""
    return one.link_state != "linked"


def _decide_with_key(remote_id: str, keys: Keys, with_key: Candidate) -> Match:
    """The object bears the record's own key: a push made it, or somebody has copied or rewritten it since."""
    known = with_key.keys
    others = [
        name
        for name, ours, there in (
            ("other_email", known.emails, keys.emails),
            ("other_domain", known.domains, keys.domains),
        )
        if ours and there and not ours & there
    ]
    scores = {with_key.record_id: weigh(keys.object_type, ("same_key", *others))}
    if not with_key.is_free_for(remote_id):
        return _doubt("may_be_successor" if _has_ended(with_key) else "key_of_another", scores)
    return _doubt("doubtful_match", scores) if others else decide(scores)


def decide(scores: dict[int, Score]) -> Match:
    """Decide by the scores of records, or objects, that are free to be linked.

    What names one of them outweighs whatever else others have in common with it.
    """
    named = {number for number, score in scores.items() if _is_named(score)}
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
