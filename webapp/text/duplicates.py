"""Texts about possible duplicates."""

from webapp.text.matching import SIGNALS
from webapp.text.sentence import sentence_case
from webapp.text.translated import Table, gettext, mark

_FOUND_BY: dict[str, str] = {
    "pull": "by a Pull",
    "sync": "by automatic sync",
    "scan": "by a scan",
    "edit": "by an edit",
    "csv": "by a CSV import",
}
FOUND_BY = Table(_FOUND_BY)
"""What has found a pair, behind the moment of it."""

STRENGTHS: Table[str, str] = Table({"certain": "Very likely", "doubtful": "Perhaps"})

STATES: Table[str, str] = Table({"open": "Open", "not_the_same": "Not the same", "merged": "Merged"})

_LINKED: dict[str, str] = {
    "any": "Linked or not",
    "both": "Both linked",
    "one": "One linked",
    "none": "None linked",
}
LINKED = Table(_LINKED)

_STAY_RULES: dict[str, str] = {
    "linked": "The one linked to HubSpot stays",
    "older": "The older one stays",
    "contacts": "The one with more contacts stays",
}
STAY_RULES = Table(_STAY_RULES)
"""Which record of a pair stays, where nobody chooses for each."""

_VALUE_RULES: dict[str, str] = {
    "newer": "Values of the one changed last",
    "fuller": "Values of the one with more fields filled",
    "staying": "Values of the one that stays",
}
VALUE_RULES = Table(_VALUE_RULES)
"""Whose values stay; a blank always gives way."""

NO_SIGN = mark("only a person's decision")


def sign(name: str) -> str:
    """The text of the sign under which a pair is listed."""
    text = SIGNALS.get(name) or (gettext(NO_SIGN) if name == "no_sign" else name)
    return sentence_case(text)
