"""Recognition of an object as one certain record: by our own key, an address, a domain or a name."""

from collections.abc import Container
from collections.abc import Mapping as Values
from datetime import datetime, timedelta

from webapp.domain.mapping.incoming import further_domains
from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.push.facts import FoundObject, Local
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import domain_key, email_key
from webapp.domain.records.naming import record_name
from webapp.domain.records.values import folded, visible

# HubSpot's clock and the local one may differ by this much.
_CLOCKS_DIFFER = timedelta(minutes=5)


def matching_key(object_type: ObjectType, email: str | None, domain: str | None) -> str | None:
    """The key by which HubSpot is searched for a record; a domain that others share identifies no company."""
    if object_type == "contacts":
        return email
    return own_domain(domain)


def has_address(properties: Values[str, str | None], addresses: Container[str | None]) -> bool:
    """Whether a contact has one of these e-mail addresses, as its first one or a further one."""
    further = (properties.get("hs_additional_emails") or "").split(";")
    given = (email_key(one) for one in (properties.get("email"), *further))
    return any(one in addresses for one in given if one is not None)


def is_same_company(local: Local, properties: Values[str, str | None]) -> bool:
    """Whether a company from a search, now read, is the one searched for."""
    if local.key is not None:
        return local.key in (domain_key(properties.get("domain")), *further_domains(properties))
    return plain_name(local.values.get("name")) == plain_name(properties.get("name")) != ""


def bears_key(local: Local, remote: FoundObject) -> bool:
    """Whether an object bears the record's own key."""
    return remote.properties.get(KEY_PROPERTY) == local.uuid


def is_still_same(local: Local, remote: FoundObject, object_type: ObjectType) -> bool:
    """Whether an object that was this record once still is: by its address or domain, else by its name."""
    if object_type == "companies":
        return is_same_company(local, remote.properties)
    # One with an address was found by it.
    return local.key is not None or plain_name(remote_name(object_type, remote)) == plain_name(
        record_name(object_type, local.values)
    )


def was_announced(local: Local, remote: FoundObject) -> bool:
    """Whether the object is one whose creation we announced, and whose answer was lost."""
    return local.announced_at is not None and (
        bears_key(local, remote) or was_made_since(local.announced_at, remote)
    )


def was_made_since(moment: datetime | None, remote: FoundObject) -> bool:
    """Whether an object is no older than a local time, as far as two clocks can show."""
    return is_no_older(remote.created_at, moment)


def is_no_older(created_at: datetime, moment: datetime | None) -> bool:
    """Whether HubSpot's time of a creation is no earlier than a local time, as far as two clocks can show."""
    return moment is not None and created_at >= moment - _CLOCKS_DIFFER


def remote_name(object_type: ObjectType, remote: FoundObject) -> str:
    """An object's name, by our naming of records."""
    has = remote.properties.get
    if object_type == "companies":
        return record_name(object_type, {"name": has("name"), "domain": has("domain")})
    values = {"first_name": has("firstname"), "last_name": has("lastname"), "email": has("email")}
    return record_name(object_type, values)


def plain_name(value: object) -> str:
    """A name as it is compared with another."""
    return " ".join(visible(folded(str(value or ""))).split()).casefold()
