"""What HubSpot makes of a value before it keeps it. Pure."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.clock import iso, iso_of_ms
from sandbox.store.properties.builtin import LIFECYCLE_STAGES
from sandbox.store.properties.definitions import Definitions
from sandbox.store.properties.schema import Property

MAX_LENGTH = 65_536
DAY_MS = 86_400_000
EMAIL = re.compile(r"[^@\s,;<>()\[\]]+@(?:[\w](?:[\w-]*[\w])?\.)+[^\W\d_]{2,}")
STAGE_RANK = {stage: rank for rank, stage in enumerate(LIFECYCLE_STAGES)}


class Refused(Exception):  # noqa: N818 - it is a verdict about one value, not a failure of ours
    """A value that HubSpot does not take, with its code and text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def accepted(definitions: Definitions, name: str, raw: Any, owners: frozenset[str]) -> str:
    """The value as HubSpot keeps it; empty text clears.

    Raises:
        Refused: unknown, read-only or unfit.
    """
    definition = definitions.live(name)
    if definition is None:
        raise Refused("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if definition.is_read_only:
        raise Refused("READ_ONLY_VALUE", _read_only_text(name))
    value = as_text(raw)
    if value == "":
        return value
    if len(value) > MAX_LENGTH:
        raise Refused("MAX_LENGTH", f"{name} is too long: at most {MAX_LENGTH} characters are allowed")
    return _normal(definitions, definition, value, owners)


def as_text(raw: Any) -> str:
    """Numbers and booleans become text, as they do at HubSpot."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)


def stage_after(old: str, new: str) -> str:
    """The lifecycle stage after a write: it only moves forward, unless it was cleared first."""
    if old and new and STAGE_RANK.get(new, 99) < STAGE_RANK.get(old, -1):
        return old
    return new


def bare_domain(value: str) -> str:
    """The host name of an address or URL, lower-case, without `www.`."""
    text = value.strip().lower()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or text
    except ValueError:
        return text
    return host.removeprefix("www.")


def plain_phone(value: str) -> str:
    """A phone number as an account keeps it that formats them: its digits, with the plus before."""
    digits = re.sub(r"\D", "", value)
    return f"+{digits}" if value.strip().startswith("+") and digits else digits or value


def moment(value: str) -> str:
    """A datetime given as ISO text or epoch milliseconds.

    Raises:
        Refused: it is neither.
    """
    if value.lstrip("-").isdecimal():
        try:
            return iso_of_ms(int(value))
        except (OverflowError, ValueError, OSError):
            raise Refused("INVALID_LONG", f"{value} was not a valid long") from None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise Refused("INVALID_LONG", f"{value} was not a valid long") from None
    return iso(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def _normal(definitions: Definitions, definition: Property, value: str, owners: frozenset[str]) -> str:
    name, type_ = definition.name, definition.type
    if name == "hubspot_owner_id":
        if value not in owners:
            raise Refused("INVALID_OWNER_ID", f"{value} was not a valid owner ID")
    elif name == "email" and definitions.kind.name == "contacts":
        return _email(value)
    elif name == "domain" and definitions.kind.name == "companies":
        return bare_domain(value)
    elif type_ in ("enumeration", "bool") and not definition.external_options:
        _check_options(definitions, definition, value)
    elif type_ == "number":
        _check_number(value)
    elif type_ == "datetime":
        return moment(value)
    elif type_ == "date":
        return _date(value)
    return value


def _email(value: str) -> str:
    address = value.strip().lower()
    if not EMAIL.fullmatch(address):
        raise Refused("INVALID_EMAIL", f"Email address {value} is invalid")
    return address


def _check_options(definitions: Definitions, definition: Property, value: str) -> None:
    allowed = definitions.allowed_values(definition)
    parts = value.removeprefix(";").split(";") if definition.field_type == "checkbox" else [value]
    for part in parts:
        if part not in allowed:
            shown = ", ".join(
                f'label: "{option.label}" value: "{option.value}"' for option in definition.options
            )
            raise Refused("INVALID_OPTION", f"{part} was not one of the allowed options: [{shown}]")


def _check_number(value: str) -> None:
    try:
        float(value)
    except ValueError:
        raise Refused("INVALID_LONG", f"{value} was not a valid long") from None


def _date(value: str) -> str:
    if value.lstrip("-").isdecimal():
        epoch_ms = int(value)
        if epoch_ms % DAY_MS:
            at = datetime.fromtimestamp(epoch_ms / 1000, UTC)
            raise Refused(
                "INVALID_DATE", f"{value} is at {at:%H:%M:%S}.{at.microsecond // 1000} UTC, not midnight!"
            )
        return iso_of_ms(epoch_ms)[:10]
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        raise Refused("INVALID_DATE", f"{value} was not a valid date") from None


def _read_only_text(name: str) -> str:
    if name == "hs_additional_emails":
        return f'"{name}" is a calculated property; its value cannot be set.'
    return f'"{name}" is a read only property; its value cannot be set.'
