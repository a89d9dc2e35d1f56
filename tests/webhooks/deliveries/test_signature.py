"""HubSpot's signatures, by vectors: its documentation's own, and some computed for the odd cases (B19)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.hubspot.signature import Delivery, refusal, signature_v1, signature_v3

SECRET = "not-a-real-secret-0001"
TIME = "1767225601234"
NOW = datetime.fromtimestamp(int(TIME) / 1000, UTC)
BODY = (
    '[{"eventId":100,"subscriptionId":7,"portalId":111222,"appId":3333,"occurredAt":1767225600000,'
    '"subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":51,"propertyName":"firstname",'
    '"propertyValue":"Zoë","changeSource":"CRM_UI","sourceId":"userId:9"}]'
).encode()
U1 = "https://sync.example.test/hubspot/webhooks"
U2 = f"{U1}?tenant=a%3Ab%2Fc%40d&x=1%202&y=p%26q&z=%C3%A9"
PUBLISHED = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"


@pytest.mark.parametrize(
    ("method", "uri", "body", "expected"),
    [
        ("POST", U1, BODY, "rR4GYSvQnGXek3fxQG6wa87m0kzGFJp7nPB5ewjxKXg="),
        ("POST", U2, BODY, "L9yXjXJyZf05lFGP0jAnTUk7VE7kUPJ/DoGjFsXvyuA="),
        ("GET", U1, b"", "IFw9GckGyhAJVlCI3ETVUxZGWipuPZUkUiBz5wtXnbI="),
    ],
)
def test_the_newer_signature_is_computed_as_hubspot_does(
    method: str, uri: str, body: bytes, expected: str
) -> None:
    assert signature_v3(SECRET, method, uri, body, TIME) == expected


def test_the_published_example_of_the_newer_signature() -> None:
    body = b"{'example_field':'example_value'}"
    expected = "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="
    found = signature_v3(PUBLISHED, "POST", "https://www.example.com/webhook_uri", body, "1693657560000")
    assert found == expected


def test_the_older_signature_is_computed_as_hubspot_does() -> None:
    expected = "cff3856ad96c82d65cbbce3980d16700e2563975ee033d39bd64520bcbd91148"
    assert signature_v1(SECRET, BODY) == expected
    published = (
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
        b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
        b'"changeFlag":"NEW","appId":54321}]'
    )
    expected = "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
    assert signature_v1(PUBLISHED, published) == expected


def _delivery(signature: str | None, time: str = TIME, uri: str = U2, body: bytes = BODY) -> Delivery:
    headers = {"X-HubSpot-Request-Timestamp": time}
    return Delivery(
        "POST", uri, body, headers | ({} if signature is None else {"X-HubSpot-Signature-V3": signature})
    )


GOOD = "L9yXjXJyZf05lFGP0jAnTUk7VE7kUPJ/DoGjFsXvyuA="


def test_a_good_signature_is_good_for_five_minutes_in_either_direction() -> None:
    for age_s in (-300, 0, 300):
        assert refusal(_delivery(GOOD), SECRET, NOW + timedelta(seconds=age_s)) is None
    for age_s in (-301, 301):
        assert refusal(_delivery(GOOD), SECRET, NOW + timedelta(seconds=age_s)) == "too_old"


@pytest.mark.parametrize(
    "forged",
    [
        "fdWjxL3qPZc/pbmbCYKSHWFusCIcZ2aVhWciQXzu9N0=",
        "2ZiEkRq2WNXnW5WoGGSsFE5T8kIk6eI1DWuzj77llDs=",
        "/gTDkLibilKSchlpfQ0BJ6p/qmFHz8evIO5cDJoOl5Q=",
        "",
        "Zoë",
    ],
    ids=["not decoded", "fully decoded", "body written anew", "empty", "not ASCII"],
)
def test_what_is_signed_otherwise_is_refused(forged: str) -> None:
    assert refusal(_delivery(forged), SECRET, NOW) == "wrong_signature"


def test_a_changed_body_address_or_secret_is_refused() -> None:
    assert refusal(_delivery(GOOD, body=BODY + b" "), SECRET, NOW) == "wrong_signature"
    assert refusal(_delivery(GOOD, uri=U1), SECRET, NOW) == "wrong_signature"
    assert refusal(_delivery(GOOD), "another", NOW) == "wrong_signature"


@pytest.mark.parametrize("time", ["", "soon", "-1", "1e12", "9" * 40, "\uff11\uff12"])
def test_a_time_that_is_none_is_refused(time: str) -> None:
    assert refusal(_delivery(GOOD, time), SECRET, NOW) == "bad_time"


def test_without_a_signature_nothing_is_believed() -> None:
    assert refusal(_delivery(None), SECRET, NOW) == "no_signature"


def test_the_older_signature_is_taken_only_where_that_is_set() -> None:
    headers = {"x-hubspot-signature": signature_v1(SECRET, BODY), "x-hubspot-signature-version": "v1"}
    delivery = Delivery("POST", U1, BODY, headers)
    assert refusal(delivery, SECRET, NOW) == "no_signature"
    assert refusal(delivery, SECRET, NOW, accepts_v1=True) is None
    forged = Delivery("POST", U1, BODY + b" ", headers)
    assert refusal(forged, SECRET, NOW, accepts_v1=True) == "wrong_signature"
    # A newer signature that is wrong is not made good by an older one.
    both = Delivery(
        "POST", U1, BODY, headers | {"X-HubSpot-Signature-v3": "x", "X-HubSpot-Request-Timestamp": TIME}
    )
    assert refusal(both, SECRET, NOW, accepts_v1=True) == "wrong_signature"
