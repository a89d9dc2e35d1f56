"""Verification of a delivery of webhook events: its signature, over the raw bytes as received.

Source: HubSpot's guide on validating requests. v3 is an HMAC over method, address, body and time; v1 a hash.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

LONGEST_AGE = timedelta(minutes=5)

Refusal = Literal["no_signature", "bad_time", "too_old", "wrong_signature"]

# HubSpot decodes these, and nothing else, in the address that it signs.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ESCAPES = re.compile("|".join(_DECODED))


class Delivery(Struct, frozen=True):
    """One request as it was received; `uri` is the whole public address that HubSpot was given."""

    method: str
    uri: str
    body: bytes
    headers: Mapping[str, str]


def refusal(delivery: Delivery, secret: str, now: datetime, *, accepts_v1: bool = False) -> Refusal | None:
    """Why a delivery is not to be trusted; None when it is.

    Args:
        delivery: What was received.
        secret: The app's client secret.
        now: The present moment; a signature is good for five minutes in either direction.
        accepts_v1: Whether the older signature will do, which says nothing of time and address.
    """
    headers = {name.lower(): value for name, value in delivery.headers.items()}
    given = headers.get("x-hubspot-signature-v3")
    if given is not None:
        return _refusal_v3(delivery, secret, now, given, headers.get("x-hubspot-request-timestamp", ""))
    older = headers.get("x-hubspot-signature")
    if not accepts_v1 or older is None or headers.get("x-hubspot-signature-version", "v1") != "v1":
        return "no_signature"
    return None if _equal(older.lower(), signature_v1(secret, delivery.body)) else "wrong_signature"


def _refusal_v3(delivery: Delivery, secret: str, now: datetime, given: str, timestamp: str) -> Refusal | None:
    # Longer than any time in milliseconds is nonsense, which the conversion would choke on.
    if not re.fullmatch(r"[0-9]{1,15}", timestamp):
        return "bad_time"
    signed_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(timestamp))
    if abs(now - signed_at) > LONGEST_AGE:
        return "too_old"
    expected = signature_v3(secret, delivery.method, delivery.uri, delivery.body, timestamp)
    return None if _equal(given, expected) else "wrong_signature"


def signature_v3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """The signature of a request; `timestamp` is the header's own text."""
    decoded = _ESCAPES.sub(lambda escape: _DECODED[escape.group()], uri)
    signed = method.encode() + decoded.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def signature_v1(secret: str, body: bytes) -> str:
    """The older signature of a body."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def _equal(given: str, expected: str) -> bool:
    """Compare in constant time; a header may contain any characters."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
