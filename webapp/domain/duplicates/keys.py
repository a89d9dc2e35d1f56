"""The keys by which records are paired for comparison, each with a letter for its kind."""

from collections.abc import Iterable, Mapping
from typing import Any

from webapp.domain.matching.keys import birthday_spellings
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import company_keys, contact_keys

# A key that more records share says little, and comparing all pairs would take too long.
MOST_OF_KEY = 40

LETTERS: dict[ObjectType, dict[str, str]] = {
    "companies": {
        "domain_key": "d",
        "name_key": "n",
        "phone_key": "p",
        "place_key": "l",
        "letters_key": "w",
        "street_key": "s",
    },
    "contacts": {
        "email_key": "e",
        "name_key": "n",
        "phone_key": "p",
        "place_key": "l",
        "letters_key": "w",
        "street_key": "s",
        "house_key": "h",
        "town_key": "t",
        "birthday_key": "b",
    },
}
"""The derived columns that are keys, with the letter of each."""
INITIALS = "i"
"""The letter of a contact's initials within its company."""


def keys_of(
    object_type: ObjectType, values: Mapping[str, Any], further_emails: Iterable[str] = ()
) -> set[str]:
    """The keys of a record with these field values.

    A date of birth and the one with day and month exchanged have one key, so that the two meet.

    Args:
        object_type: Companies or contacts.
        values: By our field names.
        further_emails: Of a contact, its addresses beside the first.
    """
    derived = company_keys(values) if object_type == "companies" else contact_keys(values)
    if birthday := derived.get("birthday_key"):
        derived["birthday_key"] = min(birthday_spellings(birthday))
    letters = LETTERS[object_type]
    found = {f"{letters[name]}:{key}" for name, key in derived.items() if name in letters and key}
    found |= {f"e:{email}" for email in further_emails}
    if object_type == "contacts" and values.get("company_id") and derived["initials_key"]:
        found.add(f"{INITIALS}:{values['company_id']}:{derived['initials_key']}")
    return found
