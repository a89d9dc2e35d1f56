"""Pairs are kept once, decided for good, and follow what becomes of their records (B52, B53)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.usecases.duplicates import ids_listed, list_pair, pairs_listed
from webapp.domain.duplicates.pairs import pair_of
from webapp.models import Company, User
from webapp.store.duplicates import lists, pairs
from webapp.store.duplicates.lists import Question
from webapp.store.home import standing
from webapp.usecases.duplicates import decisions
from webapp.usecases.matching import finding

pytestmark = pytest.mark.usefixtures("in_app")


def _companies(*names: str) -> list[int]:
    return [make_company(name=name, domain=None).id for name in names]


def test_a_pair_is_kept_once_whoever_finds_it_and_however_it_was_decided() -> None:
    one, other = _companies("Nord", "Nordlicht")
    list_pair("companies", one, other, points=20)
    with writing() as session:
        pairs.keep_apart(session, "companies", [(one, other)], user_id=None)
        pairs.add_pairs(session, "companies", [pair_of(other, one, ("same_domain",), 30)], found_by="scan")
        pairs.add_pairs(session, "companies", [pair_of(one, one, ("same_domain",), 30)], found_by="scan")
    [row] = pairs_listed()
    assert (row.state, row.points, row.found_by) == ("not_the_same", 20, "pull")


@pytest.mark.one_database
def test_not_the_same_holds_for_the_whole_group_and_for_later_members(member: User) -> None:
    one, other, late = _companies("A", "B", "C")
    list_pair("companies", one, other)
    decisions.keep_apart(current_services(), "companies", [(one, other), (one, late)], user_id=member.id)
    assert ids_listed("not_the_same") == [(one, other), (one, late)]
    list_pair("companies", other, late)
    with reading() as session:
        [group] = lists.groups(session, "companies", [other])
    assert group.record_ids == (other, late)
    decisions.reopen(current_services(), "companies", [(one, other)])
    assert ids_listed("open") == [(one, other), (other, late)]


def test_a_groups_members_are_found_beyond_the_page() -> None:
    numbers = _companies("A", "B", "C", "D")
    for one, other in pairwise(numbers):
        list_pair("companies", one, other)
    with reading() as session:
        [group] = lists.groups(session, "companies", numbers[:1])
    assert group.record_ids == tuple(numbers)


def test_the_list_is_paged_by_strength_and_filtered() -> None:
    numbers = _companies(*(f"Firm {number}" for number in range(6)))
    for place, number in enumerate(numbers[1:]):
        evidence = ("same_phone",) if place % 2 else ("same_name",)
        list_pair("companies", numbers[0], number, points=10 + place, evidence=evidence)
    question = Question("companies")
    with reading() as session:
        first = lists.page(session, question, limit=3)
        rest = lists.page(session, question, after=first.next, limit=3)
        phones = lists.page(session, Question("companies", sign="same_phone"))
        named = lists.page(session, Question("companies", search="firm 3"))
        assert lists.count(session, Question("contacts")) == 0
        assert lists.count(session, Question("companies", linked="none")) == 5
        assert lists.count(session, Question("companies", linked="both")) == 0
        assert standing.read(session).duplicates == 5
        assert lists.ids_after(session, question, 2, 2) == [3, 4]
    assert [row.points for row in first.rows + rest.rows] == [14, 13, 12, 11, 10]
    assert not rest.next
    assert [row.points for row in phones.rows] == [13, 11]
    assert [row.higher_id for row in named.rows] == [numbers[3]]


@pytest.mark.one_database
def test_a_merged_records_pairs_hold_for_the_one_that_stays(administrator: User) -> None:
    stays, goes, alike, unlike = _companies("A", "B", "C", "D")
    list_pair("companies", stays, goes)
    list_pair("companies", goes, alike)
    with writing() as session:
        pairs.keep_apart(session, "companies", [(goes, unlike)], user_id=None)
    decisions.merge_group(
        current_services(),
        "companies",
        stays,
        {stays: 1, goes: 1},
        values_from={"name": goes},
        user_id=administrator.id,
    )
    assert ids_listed("open") == [(stays, alike)]
    assert ids_listed("not_the_same") == [(stays, unlike)]
    assert ids_listed("merged") == [(stays, goes)]
    with reading() as session:
        assert session.get_one(Company, stays).name == "B"


@pytest.mark.one_database
def test_an_edit_lists_what_the_record_looks_like() -> None:
    one = make_company(name="Nordlicht Verlag", domain="nordlicht-verlag.de").id
    other = make_company(name="Nordlicht Verlag GmbH", domain="nordlicht-verlag.de").id
    make_company(name="Südwerk", domain="suedwerk.de")
    [found] = finding.after_edit(current_services(), "companies", other)
    assert (found.record_id, found.name) == (one, "Nordlicht Verlag")
    assert [(row.lower_id, row.higher_id, row.found_by) for row in pairs_listed()] == [(one, other, "edit")]
    decisions.keep_apart(current_services(), "companies", [(one, other)], user_id=None)
    assert finding.after_edit(current_services(), "companies", other) == []


def test_rows_of_a_file_are_compared_and_nothing_is_written() -> None:
    firm = make_company().id
    eva = make_contact(firm, first_name="Eva", last_name="Roth", email="eva@n.de").id
    found = finding.resembling(
        current_services(),
        "contacts",
        [
            {"first_name": "Ute", "last_name": "Lang", "email": "ute@x.de"},
            {"first_name": "Eva", "last_name": "Roth", "email": "eva@n.de"},
        ],
    )
    assert [[one.record_id for one in some] for some in found] == [[], [eva]]
    assert pairs_listed() == []
