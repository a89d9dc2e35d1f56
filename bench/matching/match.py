"""How well pairs of records are matched or kept apart, on pairs whose truth is known."""

import time
from collections import Counter
from random import Random
from typing import Protocol

from msgspec import Struct

from bench.matching.firms import Firms
from bench.matching.namesakes import Namesakes
from bench.matching.people import People, Record
from bench.matching.register import RegisterPeople
from bench.matching.register_firms import RegisterFirms
from bench.matching.shared import SharedFirms, SharedPeople
from bench.matching.typed import TypedPeople
from bench.matching.varied import VariedPeople
from bench.table import Figure
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
        _of_namesakes(pairs, seed),
        *_of_people(pairs // 2, seed),
        *_of_register_firms(pairs // 2, seed),
    ]


def _of_shared(pairs: int, seed: int) -> Figure:
    """How many of two that share a domain, a mailbox or a number that nobody has are taken for one."""
    firms, people = SharedFirms(Random(seed + 2)), SharedPeople(Random(seed + 3))  # noqa: S311 - not secret
    some: list[_Pair] = [("companies", *firms.others()) for _ in range(pairs // 2)]
    some += [("contacts", *people.others()) for _ in range(pairs - pairs // 2)]
    return _wrongly_certain(some, "pairs of two that share a domain or mailbox")


def _of_namesakes(pairs: int, seed: int) -> Figure:
    """How many of two that have their name in common and live in one large town are taken for one."""
    namesakes = Namesakes(Random(seed + 8))  # noqa: S311 - not secret
    some: list[_Pair] = [("contacts", *namesakes.people()) for _ in range(pairs // 2)]
    some += [("companies", *namesakes.firms()) for _ in range(pairs - pairs // 2)]
    return _wrongly_certain(some, "pairs of namesakes in one large town")


def _wrongly_certain(pairs: list[_Pair], what: str) -> Figure:
    wrong = sum(score_pair(*pair).kind == "certain" for pair in pairs)
    return Figure(
        f"{len(pairs):,} {what}: wrongly certain",
        f"{wrong}, one in {len(pairs) / wrong:,.0f}" if wrong else "none",
        "< 1 in 2,000",
        wrong / len(pairs) < _MOST_WRONG,
    )


def _of_people(pairs: int, seed: int) -> list[Figure]:
    """How many people are proposed and found whose second record holds slips, or errors of every kind."""
    figures: list[Figure] = []
    for has_sign in (True, False):
        fewest = _FEWEST_TYPED if has_sign else _FEWEST_TYPED_ALONE
        known = "name, address and one sign" if has_sign else "name and address"
        typed = TypedPeople(Random(seed + 4), has_sign=has_sign)  # noqa: S311 - not secret
        register = RegisterPeople(Random(seed + 5), has_sign=has_sign)  # noqa: S311
        varied = VariedPeople(Random(seed + 7), has_sign=has_sign)  # noqa: S311
        made_by: tuple[tuple[str, Makes], ...] = (
            ("people with slips", typed),
            ("people of registers", register),
            ("people of further countries, with errors on both sides", varied),
        )
        for what, makes in made_by:
            judged = tell_apart("contacts", makes, pairs)
            figures += _as_figures(judged, f"{what}, known by {known}", fewest)
    return figures


def _of_register_firms(pairs: int, seed: int) -> list[Figure]:
    makes = RegisterFirms(Random(seed + 6))  # noqa: S311 - not secret
    return _as_figures(tell_apart("companies", makes, pairs), "companies of registers", _FEWEST_TYPED_ALONE)


def _as_figures(judged: "Judged", who: str, fewest: float) -> list[Figure]:
    return [
        Figure(
            f"{judged.pairs:,} {who}: proposed and certain or held",
            f"{judged.found:.1%}, certain {judged.certain:.1%}; {judged.proposed:.1%} proposed; "
            f"{judged.wrong} wrongly certain",
            f"≥ {fewest:.0%}",
            judged.found >= fewest and judged.wrong / judged.pairs < _MOST_WRONG,
        ),
        Figure(
            f"held, of these and as many strangers ({who})",
            f"{judged.held:.1%}",
            f"≤ {_MOST_TYPED_HELD:.0%}",
            judged.held <= _MOST_TYPED_HELD,
        ),
    ]


class Makes(Protocol):
    """What makes pairs of one object type."""

    def same(self) -> tuple[Record, Record]:
        """One thing twice."""

    def others(self) -> tuple[Record, Record]:
        """Two that are easily taken for one."""


class Judged(Struct, frozen=True):
    """How pairs were judged apart: of as many true ones and false ones; shares but for the wrong ones."""

    pairs: int
    proposed: float
    found: float
    certain: float
    held: float
    wrong: int


def tell_apart(object_type: ObjectType, makes: Makes, pairs: int) -> Judged:
    """Propose and weigh true pairs, and weigh false ones as if they had been proposed."""
    true: list[_Pair] = [(object_type, *makes.same()) for _ in range(pairs)]
    proposed = [pair for pair in true if _share_a_key(pair)]
    of_true = Counter(score_pair(*pair).kind for pair in proposed)
    of_false = Counter(score_pair(object_type, *makes.others()).kind for _ in range(pairs))
    return Judged(
        pairs=pairs,
        proposed=len(proposed) / pairs,
        found=(of_true["certain"] + of_true["doubtful"]) / pairs,
        certain=of_true["certain"] / pairs,
        held=(of_true["doubtful"] + of_false["doubtful"]) / (2 * pairs),
        wrong=of_false["certain"],
    )


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
    one_keys, other_keys = _keys(object_type, one), _keys(object_type, other)
    return not {*one_keys.exact(), *one_keys.near_spellings()}.isdisjoint(
        (*other_keys.exact(), *other_keys.near())
    )


def _keys(object_type: ObjectType, record: Record) -> Keys:
    columns = company_keys(record) if object_type == "companies" else contact_keys(record)
    email = columns.get("email_key")
    return Keys(
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
        house=columns.get("house_key"),
        town=columns.get("town_key"),
        birthday=columns.get("birthday_key"),
    )
