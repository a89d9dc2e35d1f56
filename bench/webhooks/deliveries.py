"""Delivers signed webhook events over ten connections; what to deliver is read from standard input."""

import base64
import hashlib
import hmac
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

import requests

_CONNECTIONS = 10
_here = local()


def main() -> None:
    """Deliver, and print how long all of it and each answer took."""
    request = json.loads(sys.stdin.read())
    bodies = [
        _body(request["ids"], start, min(request["batch"], request["count"] - start))
        for start in range(0, request["count"], request["batch"])
    ]
    pause_s = request["over_s"] / len(bodies)
    began = time.perf_counter()
    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        pending = []
        for number, body in enumerate(bodies):
            if pause_s:
                time.sleep(max(0.0, began + number * pause_s - time.perf_counter()))
            pending.append(threads.submit(_post, request["url"], request["secret"], body))
        times_ms = [one.result() for one in pending]
    print(json.dumps({"took_s": time.perf_counter() - began, "times_ms": times_ms}))


def _post(url: str, secret: str, body: bytes) -> float:
    """Milliseconds until the answer."""
    timestamp = str(int(time.time() * 1000))
    digest = hmac.new(secret.encode(), b"POST" + url.encode() + body + timestamp.encode(), hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "X-HubSpot-Signature-v3": base64.b64encode(digest.digest()).decode(),
        "X-HubSpot-Request-Timestamp": timestamp,
    }
    if not hasattr(_here, "session"):
        _here.session = requests.Session()
        _here.session.trust_env = False
    began = time.perf_counter()
    answer = _here.session.post(url, data=body, headers=headers, timeout=30)
    took_ms = (time.perf_counter() - began) * 1000
    assert answer.status_code == requests.codes.no_content, answer.status_code
    return took_ms


def _body(ids: list[str], start: int, count: int) -> bytes:
    now_ms = int(time.time() * 1000)
    events: list[dict[str, Any]] = [
        {
            "eventId": number,
            "subscriptionId": 25,
            "portalId": 111222,
            "appId": 3333,
            "occurredAt": now_ms,
            "subscriptionType": "contact.propertyChange",
            "attemptNumber": 0,
            "objectId": int(ids[number % len(ids)]),
            "propertyName": "city",
            "propertyValue": f"Not what it is {number}",
            "changeSource": "CRM_UI",
            "sourceId": "userId:9",
        }
        for number in range(start, start + count)
    ]
    return json.dumps(events).encode()


if __name__ == "__main__":
    main()
