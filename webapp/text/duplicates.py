"""Texts about possible duplicates."""

from webapp.text.matching import SIGNALS

FOUND_BY: dict[str, str] = {
    "pull": "a Pull",
    "sync": "automatic sync",
    "scan": "a scan",
    "edit": "an edit",
    "csv": "a CSV import",
}
"""What has found a pair: `Found by …`."""

STRENGTHS: dict[str, str] = {"certain": "Very likely", "doubtful": "Perhaps"}

STATES: dict[str, str] = {"open": "Open", "not_the_same": "Not the same", "merged": "Merged"}

LINKED: dict[str, str] = {
    "any": "Linked or not",
    "both": "Both linked",
    "one": "One linked",
    "none": "None linked",
}

STAY_RULES: dict[str, str] = {
    "linked": "The one linked to HubSpot stays",
    "older": "The older one stays",
    "contacts": "The one with more contacts stays",
}
"""Which record of a pair stays, where nobody chooses for each."""

VALUE_RULES: dict[str, str] = {
    "newer": "Values of the one changed last",
    "fuller": "Values of the one with more fields filled",
    "staying": "Values of the one that stays",
}
"""Whose values stay; a blank always gives way."""

NO_SIGN = "nothing but a person's decision"


def sign(name: str) -> str:
    """The sign by which a pair is filed."""
    text = SIGNALS.get(name, NO_SIGN if name == "no_sign" else name)
    return text[:1].upper() + text[1:]
