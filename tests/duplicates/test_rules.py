"""Groups of pairs, and what a merge keeps, as pure rules (B52, B53)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from webapp.domain.duplicates.bulk import LeavePlan, plan_pair
from webapp.domain.duplicates.choices import Side, differing, staying, values_from
from webapp.domain.duplicates.groups import all_apart, apart_from, groups_of
from webapp.domain.duplicates.kept_by_hubspot import KeptProperty, kept_by_hubspot
from webapp.domain.duplicates.keys import keys_of
from webapp.domain.duplicates.pairs import Pair, compare, leading_sign, pair_of
from webapp.domain.records.merging import put_back, taken_over
from webapp.domain.records.values import Value

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def _pair(one: int, other: int, points: int = 20) -> Pair:
    return pair_of(one, other, ("same_name",), points)


def _side(number: int, *, days: int = 0, is_linked: bool = False, contacts: int = 0, **values: Value) -> Side:
    return Side(number, values, NOW + timedelta(days=days), NOW + timedelta(days=days), is_linked, contacts)


def _members(pairs: list[Pair], apart: set[tuple[int, int]], most: int = 12) -> list[tuple[int, ...]]:
    return [group.record_ids for group in groups_of(pairs, apart, most)]


def test_pairs_with_a_record_in_common_are_one_group() -> None:
    assert _members([_pair(1, 2), _pair(5, 2), _pair(7, 8, 30)], set()) == [(7, 8), (1, 2, 5)]


def test_records_that_people_keep_apart_never_come_into_one_group() -> None:
    pairs = [_pair(1, 3, 25), _pair(2, 3, 20)]
    assert _members(pairs, {(1, 2)}) == [(1, 3), (2, 3)]
    assert _members([*pairs, _pair(3, 4, 10)], {(1, 2)}) == [(1, 3, 4), (2, 3)]


def test_a_group_that_would_be_too_large_leaves_its_weakest_pairs_alone() -> None:
    pairs = [_pair(1, 2, 30), _pair(2, 3, 29), _pair(3, 4, 11)]
    assert _members(pairs, set(), most=3) == [(1, 2, 3), (3, 4)]


def test_what_is_decided_of_one_record_and_of_a_whole_group() -> None:
    assert apart_from([2, 5, 9], 5) == [(2, 5), (5, 9)]
    assert all_apart([9, 2, 5]) == [(2, 5), (2, 9), (5, 9)]


def test_the_one_that_stays_is_the_linked_then_the_one_with_contacts_then_the_older() -> None:
    old, many, linked = _side(1), _side(2, days=1, contacts=9), _side(3, days=2, is_linked=True)
    assert staying([old, many, linked]) == 3
    assert staying([old, many]) == 2
    assert staying([old, many, linked], "older") == 1
    assert staying([old, many, linked], "contacts") == 2
    assert staying([_side(4), _side(3)]) == 3


def test_the_newer_value_stays_and_a_blank_never_does() -> None:
    old = _side(1, city="Ulm", phone="07", name="Nord")
    new = _side(2, days=1, city="Kiel", phone=" ", name=None)
    assert values_from([old, new], 1) == {"city": 2, "phone": 1, "name": 1}
    assert values_from([old, new], 1, "fuller")["city"] == 1
    assert values_from([old, new], 2, "staying")["city"] == 2


def test_of_values_of_the_same_age_the_fuller_records_stays() -> None:
    assert values_from([_side(1, city="Ulm"), _side(2, city="Kiel", phone="1")], 1)["city"] == 2


def test_only_what_differs_is_compared() -> None:
    one, other = _side(1, city="Ulm", phone=None, name="N"), _side(2, city="Ulm", phone="", name="M")
    assert differing([one, other]) == ["name"]


def test_the_winner_takes_over_blanks_and_what_was_chosen() -> None:
    winner: dict[str, Value] = {"name": "Nord", "city": None, "phone": "1"}
    loser: dict[str, Value] = {"name": "Nordlicht", "city": "Ulm", "phone": "2"}
    assert taken_over(winner, loser, {"name"}) == [("city", None, "Ulm"), ("name", "Nord", "Nordlicht")]
    assert taken_over(winner, {"name": "", "city": "Ulm"}, {"name", "city"}) == [("city", None, "Ulm")]


def test_taking_a_merge_back_leaves_what_was_changed_since() -> None:
    changes: list[tuple[str, Value, Value]] = [("city", None, "Ulm"), ("name", "Nord", "Nordlicht")]
    back, left = put_back(changes, {"city": "Ulm", "name": "Nordlicht AG"})
    assert back == [("city", "Ulm", None)]
    assert left == [("name", "Nord", "Nordlicht AG")]


def test_a_pair_is_what_the_matcher_does_not_call_different() -> None:
    nord = {"name": "Nord Licht GmbH", "domain": "nordlicht.de", "city": "Kiel"}
    found = compare("companies", (7, nord), (3, {**nord, "name": "Nord Licht"}))
    assert found is not None
    assert found.ids == (3, 7)
    assert leading_sign(found.evidence) == "same_domain"
    assert compare("companies", (1, nord), (2, {"name": "Südwerk", "domain": "suedwerk.de"})) is None


def test_records_meet_by_any_of_their_keys() -> None:
    one = keys_of("contacts", {"first_name": "Eva", "last_name": "Roth", "email": "E@n.de", "company_id": 4})
    assert {"e:e@n.de", "n:eva roth", "i:4:er"} <= one
    assert "e:eva@x.de" in keys_of("contacts", {"email": "e@n.de"}, ["eva@x.de"])
    assert keys_of("companies", {"name": "Nord GmbH", "domain": "www.nord.de"}) == {
        *("n:nord", "d:nord.de", "w:n/dnor"),
    }


def test_a_bulk_merge_leaves_what_is_less_sure_than_when_it_was_found() -> None:
    certain, doubtful = (pair_of(1, 2, ("same_name",), 20, strength) for strength in ("certain", "doubtful"))
    sides = [_side(1, name="Nord"), _side(2, name="Nord")]

    def planned(listed: Pair, now: Pair | None, *, took_part: bool = False) -> str:
        plan = plan_pair(listed, now, sides, ("linked", "newer"), took_part=took_part)
        return plan.reason if isinstance(plan, LeavePlan) else f"{plan.goes} into {plan.stays}"

    assert planned(certain, certain) == planned(doubtful, doubtful) == "2 into 1"
    assert planned(doubtful, certain) == "2 into 1"
    assert planned(certain, doubtful) == planned(doubtful, None) == "not_alike_now"
    assert planned(certain, certain, took_part=True) == "merged_in_this_run"


def test_where_the_record_that_stays_has_no_value_the_fuller_of_the_others_gives_it() -> None:
    stays, new = _side(1, name="Nord", city=None), _side(2, days=5, city="Kiel")
    full = _side(3, city="Ulm", phone="1", domain="n.de")
    assert values_from([stays, new, full], 1, "staying")["city"] == 3
    assert values_from([stays, new, full], 1, "newer")["city"] == 2
    assert values_from([stays, new, full], 1, "fuller")["city"] == 3


def test_of_two_that_are_as_full_the_newer_gives_its_value() -> None:
    old, new = _side(1, city="Ulm"), _side(2, days=1, city="Kiel")
    assert values_from([old, new], 1, "fuller")["city"] == 2


def test_a_group_is_made_of_the_strongest_pairs_whatever_their_order() -> None:
    pairs = [_pair(1, 2, 11), _pair(2, 3, 30), _pair(3, 4, 29)]
    assert _members(pairs, set(), most=3) == _members(pairs[::-1], set(), most=3) == [(2, 3, 4), (1, 2)]


def test_a_pair_is_listed_under_its_most_telling_sign() -> None:
    assert leading_sign(("same_city", "same_name", "same_phone")) == "same_phone"
    assert leading_sign(("same_city", "other_phone")) == "same_city"
    assert leading_sign(()) == "no_sign"


def test_what_hubspot_keeps_is_the_primarys_value_and_fills_its_blanks() -> None:
    primary = {"name": "Nord", "city": "", "phone": "1", "fax": None}
    others = [{"name": "Nordlicht", "city": "Ulm", "phone": "1"}, {"name": "Nordlicht", "city": "Kiel"}]
    assert kept_by_hubspot(primary, others) == [
        KeptProperty("name", "Nord", is_filled=False, lost=("Nordlicht",)),
        KeptProperty("city", "Ulm", is_filled=True, lost=("Kiel",)),
    ]


def test_dates_of_birth_with_day_and_month_exchanged_have_one_key() -> None:
    one, other = (
        keys_of("contacts", {"first_name": "Ida", "last_name": "Zorn", "custom.birthday": born})
        for born in ("1986-11-04", "1986-04-11")
    )
    assert {key for key in one if key.startswith("b:")} == {"b:19860411/i", "b:19860411/z"}
    assert one == other
