"""What speaks for an object at HubSpot being a record of ours, as a held push shows it."""

from typing import Any

from webapp.domain.evidence import weigh
from webapp.domain.incoming import read_incoming
from webapp.domain.mapping import KEY_PROPERTY
from webapp.domain.matching import score_pair
from webapp.domain.push_step import Local, Terms, Theirs


def likeness(local: Local, theirs: Theirs, terms: Terms) -> dict[str, Any]:
    """By what the object was found, all else for it and against it, what that comes to, and what it holds."""
    if theirs.properties.get(KEY_PROPERTY) == local.uuid:
        found_by = "same_key"
    elif terms.object_type == "contacts":
        found_by = "same_email"
    else:
        found_by = "same_name" if local.key is None else "same_domain"
    there = read_incoming(theirs.properties, terms.mapping)
    weighed = score_pair(terms.object_type, local.values, there.values, further_emails=there.further_emails)
    score = weigh(terms.object_type, (found_by, *(one for one in weighed.evidence if one != found_by)))
    held = {item.property: theirs.properties.get(item.property) for _, item in terms.mapping.outgoing}
    return {
        "evidence": list(score.evidence),
        "points": score.points,
        "properties": {name: text for name, text in held.items() if text},
    }
