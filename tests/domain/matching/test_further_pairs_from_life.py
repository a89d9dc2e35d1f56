"""Further pairs as they are met in life: towns, couples, names of nobody, and forms of one name."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import BORN, HOME, PHONE, SITE, firms, kind, lines, named, people
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.records.keys import company_keys, contact_keys


@pytest.mark.parametrize(("one", "other"), lines("towns"))
def test_a_town_is_one_under_its_names(one: str, other: str) -> None:
    assert firms("Okonkwo Ceramics", "Okonkwo Ceramics Ltd", {"city": one}, {"city": other}) == "certain"


def test_a_town_is_one_key_under_its_names() -> None:
    keys = [company_keys({"name": "Kunst", "city": city})["place_key"] for city in ("Köln", "Cologne")]
    assert keys[0] == keys[1] is not None


@pytest.mark.parametrize(("one", "other"), lines("unread"))
def test_a_name_that_is_read_in_several_ways_speaks_against_nobody(one: str, other: str) -> None:
    """At one home it is a question, with one mailbox the same person; in one town alone it is nobody."""
    assert people(one, other, **HOME, **PHONE) in ("doubtful", "certain")
    assert people(one, other, email="x7@hafen.de") == "certain"
    assert people(one, other, city="Husum") == "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Христо|Христов", "Hristo|Hristov"),
        ("Христо|Христов", "Khristo|Khristov"),
        ("Đuro|Đaković", "Djuro|Djakovic"),
        ("Đuro|Đaković", "Duro|Dakovic"),
    ],
)
def test_a_letter_that_is_written_in_two_ways_makes_one_name(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("unlisted"))
def test_siblings_of_any_country_are_never_taken_for_one(one: str, other: str) -> None:
    """A household shares last name, address and phone: that is one fact, and none about who of them it is."""
    assert people(f"{one}|Lang", f"{other}|Lang", **HOME, **PHONE) != "certain"


@pytest.mark.parametrize(
    ("one", "other"), [("Zumbrela", "Zumbreta"), ("Xolwethu", "Xowethu"), ("Gabriela", "Gabriwla")]
)
def test_a_slip_in_a_first_name_is_one_beside_something_personal(one: str, other: str) -> None:
    assert people(f"{one}|Lang", f"{other}|Lang", **HOME, **BORN) == "certain"


def test_vowels_that_are_marks_belong_to_their_words() -> None:
    keys = [contact_keys(named(f"{name}|शर्मा"))["name_key"] for name in ("राकेश", "रोकाश")]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(("one", "other"), [("jan.k.meier", "jan.p.meier"), ("j-a-meier", "j-b-meier")])
def test_two_of_one_name_with_other_middle_initials_in_their_mailboxes_are_a_question(
    one: str, other: str
) -> None:
    shared = {"phone": "0431 778899", "company_id": 3}
    pair = (named("Jan|Meier", email=f"{each}@werft.de", **shared) for each in (one, other))
    assert kind("contacts", *pair) == "doubtful"


@pytest.mark.parametrize(("one", "other"), lines("other_towns"))
def test_two_towns_that_share_a_word_are_two(one: str, other: str) -> None:
    assert firms("Okonkwo Ceramics", "Okonkwo Ceramics", {"city": one}, {"city": other}) == "none"


@pytest.mark.parametrize("name", [line[0] for line in lines("nobodys")])
def test_words_that_name_nobody_link_nobody(name: str) -> None:
    first, _, last = name.partition("|")
    if first:
        assert people(name, name, **PHONE) == "none"
        assert contact_keys(named(name))["name_key"] is None
    else:
        assert firms(last, last, {"city": "Husum"}) == "none"
        assert company_keys({"name": last})["name_key"] is None


@pytest.mark.parametrize("name", ["My|Le", "An|Do", "Kim|Person", "Nick|Guest", "Johnny|First"])
def test_a_name_that_has_such_a_word_is_a_name(name: str) -> None:
    assert people(name, name, **PHONE, city="Husum") == "certain"


@pytest.mark.parametrize("name", ["Contact Energy", "Private Bank", "The Student Hotel", "Lead Solutions"])
def test_a_companys_name_that_has_such_a_word_is_a_name(name: str) -> None:
    assert firms(name, name, {"city": "Husum"}) == "certain"


@pytest.mark.parametrize(("one", "other"), lines("couples"))
def test_a_couple_is_not_one_of_the_two(one: str, other: str) -> None:
    assert people(f"{one}|Brehm", f"{other}|Brehm", **HOME, **PHONE) == "doubtful"
    assert people(f"{one}|Brehm", f"{other}|Brehm", email="brehms@deich.de") == "doubtful"
    assert people("Anna & Karl|Brehm", "Karl und Anna|Brehm", **HOME, **PHONE) == "certain"


def test_a_namesakes_mailbox_may_be_numbered_and_written_otherwise() -> None:
    one, other = (
        named("Emily|Hart", email=f"{mailbox}@fenwick.co.uk", company_id=9)
        for mailbox in ("emily.hart", "ehart2")
    )
    assert kind("contacts", one, other) == "doubtful"
    assert kind("contacts", one, other | {"email": "e.hart@fenwick.co.uk"}) == "certain"


def test_who_has_another_last_name_at_one_phone_is_a_question() -> None:
    assert people("Henrike|Osterloh", "Henrike|Tiedemann", **PHONE, city="Husum") == "doubtful"
    assert people("Henrike|Osterloh", "Wolfram|Tiedemann", **PHONE, city="Husum") == "none"
    assert people("Henrike|Osterloh", "Henrike|Tiedemann", **PHONE, company_id=3) == "none"
    assert people("Henrike|Osterloh", "Henrike|Tiedemann", **PHONE, **BORN) == "certain"


def test_two_names_with_two_towns_in_brackets_are_two() -> None:
    assert firms("Hotel Astoria (Brugge)", "Hotel Astoria (Gent)", SITE) == "none"
    assert firms("Hotel Astoria (Brugge)", "Hotel Astoria (Bruges)", {"city": "Brugge"}) != "none"
    assert firms("Hotel Astoria (Brugge)", "Hotel Astoria", SITE) == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("株式会社さくら", "さくら"), ("(株)さくら", "さくら株式会社"), ("上海华联有限公司", "上海华联")),
        *(("삼성전자 주식회사", "삼성전자"), ("Studio Zwei", "Studio 2"), ("Alm Fund Three", "Alm Fund III")),
    ],
)
def test_a_company_is_one_in_every_script_and_numeral(one: str, other: str) -> None:
    assert firms(one, other, {"city": "Husum"}) == "certain"


def test_an_acronym_may_have_two_parts() -> None:
    assert firms("PKO BP", "Powszechna Kasa Oszczędności Bank Polski", SITE) == "doubtful"


@pytest.mark.parametrize("host", ["kiosk.fandom.com", "kiosk.clickfunnels.com", "kiosk.tiendanube.com"])
def test_a_page_of_a_builder_is_no_domain_of_ones_own(host: str) -> None:
    assert own_domain(host) is None


@pytest.mark.parametrize(
    ("one", "other"), [("Anders|Svensson", "Svensson|Anders"), ("Nils|Seidel", "Seidel|Nils")]
)
def test_names_in_the_other_order_keep_their_letters_where_they_meet(one: str, other: str) -> None:
    assert contact_keys(named(one))["letters_key"] == contact_keys(named(other))["letters_key"]


def test_keys_and_comparison_share_the_forms_of_words() -> None:
    keys = [company_keys({"name": name})["letters_key"] for name in ("Saint Jude Clinic", "St. Jude Clinic")]
    assert keys[0] == keys[1] is not None
