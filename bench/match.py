"""How well pairs of records are matched or kept apart, on pairs whose truth is known."""

import time
from collections import Counter
from random import Random

from bench.firms import Firms
from bench.people import People, Record
from bench.shared import SharedFirms, SharedPeople
from bench.table import Figure
from bench.typed import TypedPeople
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import company_keys, contact_keys

REPORTED = 20_261_126
"""The seed of the figures that are reported; nothing was tried out on it."""

_MOST_WRONG = 1 / 2_000
_FEWEST_FOUND = 0.99
_MOST_HELD = 0.06
_FEWEST_TYPED, _FEWEST_TYPED_ALONE, _MOST_TYPED_HELD = 0.95, 0.85, 0.08
_Pair = tuple[ObjectType, Record, Record]


def measure(pairs: int, seed: int = REPORTED) -> list[Figure]:
    """Judge as many true and as many false pairs, half of them contacts."""
    true, false = made(pairs, seed)
    began_s = time.perf_counter()
    of_true, of_false = (Counter(score_pair(*pair).kind for pair in some) for some in (true, false))
    took_us = (time.perf_counter() - began_s) / (2 * pairs) * 1e6
    wrong = of_false["certain"]
    found = (of_true["certain"] + of_true["doubtful"]) / len(true)
    held = (of_true["doubtful"] + of_false["doubtful"]) / (len(true) + len(false))
    met = sum(_share_a_key(pair) for pair in true) / len(true)
    return [
        Figure(
            f"{pairs:,} false, hard pairs: wrongly certain",
            f"{wrong}, one in {len(false) / wrong:,.0f}" if wrong else "none",
            "< 1 in 2,000",
            wrong / len(false) < _MOST_WRONG,
        ),
        Figure(
            f"{pairs:,} true pairs: certain or held",
            f"{found:.1%}, certain {of_true['certain'] / len(true):.1%}",
            f"≥ {_FEWEST_FOUND:.0%}",
            found >= _FEWEST_FOUND,
        ),
        Figure(
            "held, of all pairs",
            f"{held:.1%}: {of_true['doubtful']:,} true, {of_false['doubtful']:,} false",
            f"≤ {_MOST_HELD:.0%}",
            held <= _MOST_HELD,
        ),
        Figure("true pairs that share a look-up key", f"{met:.1%}"),
        Figure("time to weigh a pair", f"{took_us:.0f} µs"),
        _of_shared(pairs, seed),
        *_of_typed(pairs // 2, seed, has_sign=True),
        *_of_typed(pairs // 2, seed, has_sign=False),
    ]


def _of_shared(pairs: int, seed: int) -> Figure:
    """How many of two that share a domain, a mailbox or a number that nobody has are taken for one."""
    firms, people = SharedFirms(Random(seed + 2)), SharedPeople(Random(seed + 3))  # noqa: S311 - not secret
    some: list[_Pair] = [("companies", *firms.others()) for _ in range(pairs // 2)]
    some += [("contacts", *people.others()) for _ in range(pairs - pairs // 2)]
    wrong = sum(score_pair(*pair).kind == "certain" for pair in some)
    return Figure(
        f"{pairs:,} pairs of two that share a domain or mailbox: wrongly certain",
        f"{wrong}, one in {pairs / wrong:,.0f}" if wrong else "none",
        "< 1 in 2,000",
        wrong / pairs < _MOST_WRONG,
    )


def _of_typed(pairs: int, seed: int, *, has_sign: bool) -> list[Figure]:
    """How many people with slips in their fields are proposed, and found."""
    made_by = TypedPeople(Random(seed + 4), has_sign=has_sign)  # noqa: S311 - not secret
    true: list[_Pair] = [("contacts", *made_by.same()) for _ in range(pairs)]
    false = Counter(score_pair("contacts", *made_by.others()).kind for _ in range(pairs))
    kinds = Counter(score_pair(*pair).kind if _share_a_key(pair) else "none" for pair in true)
    found, held = 1 - kinds["none"] / pairs, (kinds["doubtful"] + false["doubtful"]) / (2 * pairs)
    fewest = _FEWEST_TYPED if has_sign else _FEWEST_TYPED_ALONE
    known = "name, address and one sign" if has_sign else "name and address"
    return [
        Figure(
            f"{pairs:,} people with slips, known by {known}: proposed and certain or held",
            f"{found:.1%}, certain {kinds['certain'] / pairs:.1%}; {false['certain']} wrongly certain",
            f"≥ {fewest:.0%}",
            found >= fewest and false["certain"] / pairs < _MOST_WRONG,
        ),
        Figure(
            f"held, of these and as many strangers ({known})",
            f"{held:.1%}",
            f"≤ {_MOST_TYPED_HELD:.0%}",
            held <= _MOST_TYPED_HELD,
        ),
    ]


def made(pairs: int, seed: int) -> tuple[list[_Pair], list[_Pair]]:
    """True pairs and false ones."""
    people, firms = People(Random(seed)), Firms(Random(seed + 1))  # noqa: S311 - repeatable, not secret
    half = pairs // 2
    true: list[_Pair] = [("contacts", *people.same()) for _ in range(half)]
    true += [("companies", *firms.same()) for _ in range(pairs - half)]
    false: list[_Pair] = [("contacts", *people.others()) for _ in range(half)]
    false += [("companies", *firms.others()) for _ in range(pairs - half)]
    return true, false


def _share_a_key(pair: _Pair) -> bool:
    """Whether a look-up in the database would have brought one for the other."""
    object_type, one, other = pair
    keys, others = (set(_keys(object_type, record)) for record in (one, other))
    return not keys.isdisjoint(others)


def _keys(object_type: ObjectType, record: Record) -> list[tuple[object, ...]]:
    columns = company_keys(record) if object_type == "companies" else contact_keys(record)
    email = columns.get("email_key")
    keys = Keys(
        object_type=object_type,
        emails=frozenset({email} if email else ()),
        phone=columns["phone_key"],
        name=columns["name_key"],
        company_id=record.get("company_id"),
        domain=columns.get("domain_key"),
        place=columns["place_key"],
        initials=columns.get("initials_key"),
        letters=columns["letters_key"],
        street=columns["street_key"],
        birthday=columns.get("birthday_key"),
    )
    return [*keys.exact(), *keys.near()]
