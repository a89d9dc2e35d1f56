"""The one field that identifies a record by itself: a company's domain, a contact's e-mail."""

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import company_keys, email_key
from webapp.domain.records.validate import check
from webapp.domain.records.values import clean

KEY_FIELDS: dict[ObjectType, str] = {"companies": "domain", "contacts": "email"}
"""The name of that field."""


def keys_of(object_type: ObjectType, typed: str) -> tuple[str, ...]:
    """The keys of a domain or an e-mail address: as it was typed, and as it would be stored."""
    text = clean(typed)
    if text is None:
        return ()
    name = KEY_FIELDS[object_type]
    stored = check(object_type, {name: text}, {}).values[name]
    found = [_key(object_type, one) for one in (text, stored) if isinstance(one, str)]
    return tuple(dict.fromkeys(key for key in found if key))


def _key(object_type: ObjectType, text: str) -> str | None:
    return company_keys({"domain": text})["domain_key"] if object_type == "companies" else email_key(text)
