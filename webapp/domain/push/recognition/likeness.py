"""The evidence that an object in HubSpot is a record here: weighed as in a pull, shown with held records."""

from typing import Any

from msgspec.structs import replace

from webapp.domain.mapping.incoming import Incoming, read_incoming
from webapp.domain.matching.evidence import WEIGHTS, Score
from webapp.domain.matching.scoring import score_keys
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.recognition.recognition import bears_key
from webapp.domain.records.keys import domain_key


def weighed(local: Local, remote: FoundObject, policy: PushPolicy) -> Score:
    """The score of the two, by the evidence and the thresholds of a pull."""
    here = Incoming(policy.object_type, local.values, {}, local.further_emails)
    there = read_incoming(remote.properties, policy.mapping).keys
    # Regardless of the mapping: the object was searched for by this.
    domain = domain_key(remote.properties.get("domain"))
    if policy.object_type == "companies" and domain is not None:
        there = replace(there, further_domains=there.further_domains | {domain})
    return score_keys(here.keys, there, policy.frequencies)


def likeness(local: Local, remote: FoundObject, policy: PushPolicy) -> dict[str, Any]:
    """How the object was found, the other evidence, the total score, and the object's values."""
    found_by = _found_by(local, remote, policy)
    score = weighed(local, remote, policy)
    further = () if found_by in score.evidence else (found_by,)
    points = round(sum(score.weights) + sum(WEIGHTS[one] for one in further))
    held = {item.property: remote.properties.get(item.property) for _, item in policy.mapping.outgoing}
    return {
        "evidence": [found_by, *(one for one in score.evidence if one != found_by)],
        "points": points,
        "properties": {name: text for name, text in held.items() if text},
    }


def _found_by(local: Local, remote: FoundObject, policy: PushPolicy) -> str:
    if bears_key(local, remote):
        return "same_key"
    if policy.object_type == "contacts":
        return "same_email"
    return "same_name" if local.key is None else "same_domain"
