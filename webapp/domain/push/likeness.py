"""What speaks for an object at HubSpot being a record of ours, as a held push shows it."""

from typing import Any

from webapp.domain.mapping.incoming import read_incoming
from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.matching.evidence import weigh
from webapp.domain.matching.match import score_pair
from webapp.domain.push.step import Local, PushPolicy, Theirs


def likeness(local: Local, theirs: Theirs, policy: PushPolicy) -> dict[str, Any]:
    """By what the object was found, all else for it and against it, what that comes to, and what it holds."""
    if theirs.properties.get(KEY_PROPERTY) == local.uuid:
        found_by = "same_key"
    elif policy.object_type == "contacts":
        found_by = "same_email"
    else:
        found_by = "same_name" if local.key is None else "same_domain"
    there = read_incoming(theirs.properties, policy.mapping)
    weighed = score_pair(policy.object_type, local.values, there.values, further_emails=there.further_emails)
    score = weigh(policy.object_type, (found_by, *(one for one in weighed.evidence if one != found_by)))
    held = {item.property: theirs.properties.get(item.property) for _, item in policy.mapping.outgoing}
    return {
        "evidence": list(score.evidence),
        "points": score.points,
        "properties": {name: text for name, text in held.items() if text},
    }
