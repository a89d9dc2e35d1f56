"""The signatures of a delivery, the newer and the older one."""

import base64
import hashlib
import hmac
import re

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


def headers(secret: str, url: str, body: bytes, timestamp_ms: int, which: str) -> dict[str, str]:
    """The signature headers of a POST; `which` is `v1`, `v3` or `both`."""
    given: dict[str, str] = {"X-HubSpot-Request-Timestamp": str(timestamp_ms)}
    if which in ("v3", "both"):
        uri = re.sub("%[0-9A-F]{2}", lambda escape: _DECODED.get(escape.group(), escape.group()), url)
        signed = b"POST" + uri.encode() + body + str(timestamp_ms).encode()
        digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
        given["X-HubSpot-Signature-v3"] = base64.b64encode(digest).decode()
    if which in ("v1", "both"):
        given["X-HubSpot-Signature"] = hashlib.sha256(secret.encode() + body).hexdigest()
        given["X-HubSpot-Signature-Version"] = "v1"
    return given
