"""Deliveries as HubSpot makes them: notices with their fields, signed over the raw bytes."""

from __future__ import annotations

import json
import time
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.hubspot.signature import signature_v3

SECRET = "not-a-real-secret-0001"
PORTAL, APP = 111222, 3333
ADDRESS = "http://localhost:8000/webhooks/hubspot"


def webhook_event(event: str, object_id: str | int, **fields: Any) -> dict[str, Any]:
    """One webhook event, such as `webhook_event("contact.propertyChange", 51, propertyName="phone")`."""
    return {
        "eventId": 3816279340,
        "subscriptionId": 25,
        "portalId": PORTAL,
        "appId": APP,
        "occurredAt": int(time.time() * 1000),
        "subscriptionType": event,
        "attemptNumber": 0,
        "objectId": int(object_id),
        "changeSource": "CRM_UI",
        "sourceId": "userId:9",
        **fields,
    }


def deliver(client: FlaskClient, items: Any, **changed: Any) -> TestResponse:
    """Send notices, signed rightly unless `changed` gives `secret`, `age_s`, `signature` or `address`."""
    body = items if isinstance(items, bytes) else json.dumps(items, ensure_ascii=False).encode()
    timestamp = str(int((time.time() - changed.get("age_s", 0)) * 1000))
    secret, address = changed.get("secret", SECRET), changed.get("address", ADDRESS)
    signature = changed.get("signature", signature_v3(secret, "POST", address, body, timestamp))
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": timestamp}
    path = address.removeprefix("http://localhost:8000")
    content_type = changed.get("content_type", "application/json")
    return client.post(path, data=body, headers=headers, content_type=content_type)
