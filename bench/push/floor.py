"""The floor of a push: what `requests` and JSON alone take to send as many records; a process of its own.

Batches of 100 upserts and of 1,000 associations, one after the other; nothing is read, nothing is stored.
Prints what it took as one JSON object.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import requests

from webapp.domain.mapping.mapping import KEY_PROPERTY

T = TypeVar("T")

_CONTACTS_OF_A_COMPANY = 10
_BATCH, _ASSOCIATION_BATCH = 100, 1_000
_PRIMARY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}


def main(url: str, token: str, count: int) -> None:
    """Send so many companies, and ten contacts for each."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    companies = [_company(number) for number in range(count)]
    contacts = [_contact(number) for number in range(count * _CONTACTS_OF_A_COMPANY)]
    company_ids = list(_upserted(session, url, "companies", companies))
    contact_ids = list(_upserted(session, url, "contacts", contacts))
    _associate(session, url, contact_ids, company_ids)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    records = len(companies) + len(contacts)
    sys.stdout.write(json.dumps({"took_s": took_s, "cpu_s": cpu_s, "records": records}) + "\n")


def _company(number: int) -> dict[str, Any]:
    properties = {"name": f"Floor {number}", "domain": f"floor-{number}.example.com", "city": "Bonn"}
    return {"id": f"floor-{number}", "idProperty": KEY_PROPERTY, "properties": properties}


def _contact(number: int) -> dict[str, Any]:
    email = f"floor{number}@floor-{number // _CONTACTS_OF_A_COMPANY}.example.com"
    names = {"firstname": f"First {number}", "lastname": f"Last {number}"}
    properties = {**names, "email": email, "phone": f"+49 228 {number:06}", "city": "Bonn", "zip": "53111"}
    return {"id": email, "idProperty": "email", "properties": properties}


def _upserted(
    session: requests.Session, url: str, kind: str, inputs: Sequence[dict[str, Any]]
) -> Iterator[str]:
    for some in _batches(inputs, _BATCH):
        answer = _sent(session, f"{url}/crm/objects/2026-03/{kind}/batch/upsert", some)
        assert len(answer["results"]) == len(some), answer
        yield from (result["id"] for result in answer["results"])


def _associate(
    session: requests.Session, url: str, contact_ids: Sequence[str], company_ids: Sequence[str]
) -> None:
    inputs = [
        {
            "from": {"id": contact_id},
            "to": {"id": company_ids[number // _CONTACTS_OF_A_COMPANY]},
            "types": [_PRIMARY],
        }
        for number, contact_id in enumerate(contact_ids)
    ]
    for some in _batches(inputs, _ASSOCIATION_BATCH):
        _sent(session, f"{url}/crm/associations/2026-03/contacts/companies/batch/create", some)


def _sent(session: requests.Session, address: str, inputs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    response = session.post(address, json={"inputs": inputs}, timeout=60)
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
