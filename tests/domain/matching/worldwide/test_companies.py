"""Companies of many countries, and values that are written in many ways."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import SITE, firms, kind, lines
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.records.keys import domain_key, phone_key

_PLACE = {"city": "Husum", "postcode": "25813"}


@pytest.mark.parametrize(("one", "other"), lines("worldwide_forms"))
def test_a_company_is_one_with_and_without_its_legal_form(one: str, other: str) -> None:
    assert firms(one, other, _PLACE) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("worldwide_sisters"))
def test_companies_of_one_domain_with_other_names_are_a_question(one: str, other: str) -> None:
    assert firms(one, other, {"domain": "deichgraf-gruppe.com"}) == "doubtful"


@pytest.mark.parametrize(("one", "other"), lines("worldwide_counted"))
def test_companies_that_count_are_two(one: str, other: str) -> None:
    assert firms(one, other, SITE) == "none"


@pytest.mark.parametrize(("one", "other"), lines("worldwide_short"))
def test_a_short_form_of_a_name_is_seen(one: str, other: str) -> None:
    assert firms(one, other, SITE) != "none"


@pytest.mark.parametrize("name", [row[0] for row in lines("worldwide_no_firms")])
def test_what_names_no_company_links_none(name: str) -> None:
    assert firms(name, name, _PLACE) == "none"


@pytest.mark.parametrize("host", [row[0] for row in lines("worldwide_hosts")])
def test_a_host_of_many_firms_is_the_domain_of_none(host: str) -> None:
    assert own_domain(domain_key(host)) is None


@pytest.mark.parametrize("host", [row[0] for row in lines("worldwide_own_hosts")])
def test_a_host_of_one_firm_is_its_domain(host: str) -> None:
    assert own_domain(domain_key(host)) is not None


@pytest.mark.parametrize(("one", "other"), lines("worldwide_phones"))
def test_a_number_is_one_however_it_is_written(one: str, other: str) -> None:
    assert phone_key(one) == phone_key(other) is not None


@pytest.mark.parametrize(("one", "other"), lines("worldwide_towns"))
def test_a_town_is_one_under_its_names_and_with_its_districts(one: str, other: str) -> None:
    more = {"name": "Sörensen Fenster", "phone": "04841 551207"}
    assert kind("companies", {**more, "city": one}, {**more, "city": other}) == "certain"
