"""Which objects can be decided about with others at once, and by which decision."""

from webapp.domain.links.facts import DELETED_HERE, PERSON_ERASED

_STATES = {
    "link": ("held",),
    "apart": ("held",),
    "skip": ("held",),
    "again": ("waiting", "unlinked", "excluded", "skipped"),
    "import": ("skipped", "ignored"),
}

# Somebody removed these on purpose: each is brought back by a decision of its own.
_ONE_BY_ONE = (DELETED_HERE, PERSON_ERASED)


def goes_for(verb: str, state: str, reason: str) -> bool:
    """Whether a decision about many goes for an object in this state for this reason."""
    return state in _STATES[verb] and reason not in _ONE_BY_ONE


def is_decided_with_others(state: str, reason: str) -> bool:
    """Whether any decision about many goes for an object in this state for this reason."""
    return any(goes_for(verb, state, reason) for verb in _STATES)
