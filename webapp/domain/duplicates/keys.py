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

    A date of birth and the one with day and month exchanged have one key, so that the two meet; with either
    initial, so that those meet who have one name in common.

    Args:
        object_type: Companies or contacts.
        values: By our field names.
        further_emails: Of a contact, its addresses beside the first.
    """
    derived = company_keys(values) if object_type == "companies" else contact_keys(values)
    letters = LETTERS[object_type]
    birthday = derived.pop("birthday_key", None)
    found = _birthdays(birthday, derived["initials_key"]) if birthday else set()
    found |= {f"{letters[name]}:{key}" for name, key in derived.items() if name in letters and key}
    found |= {f"e:{email}" for email in further_emails}
    if object_type == "contacts" and values.get("company_id") and derived["initials_key"]:
        found.add(f"{INITIALS}:{values['company_id']}:{derived['initials_key']}")
    return found


def _birthdays(key: str, initials: str | None) -> set[str]:
    date, _, letter = min(birthday_spellings(key)).partition("/")
    letter_of = LETTERS["contacts"]["birthday_key"]
    return {
        f"{letter_of}:{date}/{one}" if one else f"{letter_of}:{date}" for one in (letter, *(initials or ""))
    }
