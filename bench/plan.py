"""How fast a page of 100 contacts is planned in pure Python: properties read, rules, match, changes."""

import time
from collections import Counter
from random import Random
from statistics import median

from bench.people import People, Record
from bench.table import Figure
from tests.support.plain import CONTACTS, candidate, facts, link, remote
from webapp.domain.facts import CompanyFacts, Facts, Remote
from webapp.domain.plan import plan_page
from webapp.domain.rules import Condition, Rule

_PAGE = 100
_ROUNDS = 200
_PROPERTIES = {
    "first_name": "firstname",
    "last_name": "lastname",
    "email": "email",
    "phone": "phone",
    "mobile": "mobilephone",
    "street": "address",
    "city": "city",
    "postcode": "zip",
}
_RULE = Rule("all", (Condition("city", "is_not_blank"), Condition("last_name", "is_not", "Nobody")))


def measure() -> list[Figure]:
    """Plan pages of which a third is linked, a third is new, and a third has candidates that look alike."""
    people = People(Random(7))  # noqa: S311 - repeatable, not secret
    pages = [_page(people) for _ in range(_ROUNDS)]
    took_s: list[float] = []
    outcomes: Counter[str] = Counter()
    for remotes, around in pages:
        began_s = time.perf_counter()
        plans = plan_page(remotes, around, CONTACTS, _RULE)
        took_s.append(time.perf_counter() - began_s)
        outcomes.update(plan.outcome for plan in plans)
    assert outcomes["failed"] == 0, outcomes
    each_us = median(took_s) / _PAGE * 1e6
    shares = ", ".join(f"{count / outcomes.total():.0%} {name}" for name, count in outcomes.most_common())
    return [
        Figure(
            f"plan of a page of {_PAGE} (rules, mapping, match), pure Python",
            f"{1e6 / each_us:,.0f} records/s, {each_us:.0f} µs a record; {shares}",
        )
    ]


def _page(people: People) -> tuple[list[Remote], Facts]:
    remotes, records, links, candidates = [], {}, [], []
    for number in range(_PAGE):
        here, there = people.same()
        remotes.append(_remote(str(number), there))
        if number % 3 == 0:
            records[number] = here
            links.append(link(number, str(number)))
        elif number % 3 == 1:
            for place, alike in enumerate((here, *people.others())):
                record_id = 1000 * number + place
                record = dict(alike, phone=there.get("phone") or "030 1234567")
                records[record_id] = dict(record)
                email = record.pop("email", None)
                candidates.append(candidate(record_id, *([email] if email else []), **record))
    companies = {str(number): CompanyFacts(number) for number in range(_PAGE)}
    return remotes, facts(records, links, candidates, companies)


def _remote(remote_id: str, record: Record) -> Remote:
    properties = {prop: record.get(name) for name, prop in _PROPERTIES.items()}
    return remote(remote_id, company_id=remote_id, **properties)
