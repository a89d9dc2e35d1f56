"""One value that is written in another way, and two that only look so: names, firms, domains, addresses."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import HOME, PHONE, SITE, firms, people
from webapp.domain.matching.likeness.company_names import company_words, compare_company_names
from webapp.domain.matching.likeness.last_names import last_likeness
from webapp.domain.matching.likeness.places import compare_streets
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.keys import contact_keys
from webapp.domain.records.normal.addresses import place
from webapp.domain.records.normal.persons import named
from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.whole_addresses import in_its_fields


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ritesh|Shah", "Nitesh|Shah"),
        ("Hitesh|Shah", "Jitesh|Shah"),
        ("Kavya|Rao", "Navya|Rao"),
        ("Sujin|Kang", "Subin|Kang"),
        ("Xiaoli|Sun", "Xiaolei|Sun"),
        ("Chika|Obi", "Chike|Obi"),
        ("Mahnaz|Karimi", "Shahnaz|Karimi"),
        ("Van Minh|Nguyen", "Van Binh|Nguyen"),
        ("Thi Hoa|Nguyen", "Thi Hong|Nguyen"),
    ],
)
def test_siblings_are_two_wherever_their_names_are_given(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) != "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Waleed|Aziz", "Walid|Aziz"),
        ("Tarek|Aziz", "Tariq|Aziz"),
        ("Mounir|Aziz", "Muneer|Aziz"),
        ("Hicham|Aziz", "Hesham|Aziz"),
        ("Pooja|Shah", "Puja|Shah"),
        ("Kouji|Ono", "Koji|Ono"),
        ("Jisoo|Kang", "Jisu|Kang"),
        ("Olivier|Saint-Clair", "Olivier|St. Clair"),
        ("Fiona|McAlm", "Fiona|Mac Alm"),
        ("Dott.ssa Ada|Neri", "Ada|Neri"),
        ("J\ufffdrgen|B?rger", "Jürgen|Bürger"),
    ],
)
def test_a_name_in_two_spellings_is_one(one: str, other: str) -> None:
    assert people(one, other, **HOME, **PHONE) == "certain"


def test_two_of_one_title_are_two() -> None:
    assert people("Avv. Ada|Neri", "Avv. Carlo|Neri", **HOME, **PHONE) == "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alba Consulting", "Alma Consulting"),
        ("KSM Metallbau", "KSB Metallbau"),
        ("Hotel Rosa", "Hotel Rose"),
        ("AB Capital", "AC Capital"),
        ("Praxis Anna Berg", "Praxis Hanna Berg"),
        ("Tischlerei Karl Moor", "Tischlerei Karla Moor"),
    ],
)
def test_firms_that_a_letter_of_a_short_word_tells_apart_are_a_question(one: str, other: str) -> None:
    """One registered office has many firms, and short names that differ are sooner two than one mistyped."""
    assert firms(one, other, SITE) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Officina Brandi S.n.c. di Carlo Brandi & C.", "Officina Brandi snc"),
        ("Blumenhaus Alm, Inh. Ute Lang", "Blumenhaus Alm"),
        ("Imprenta Hnos. Vidal", "Imprenta Hermanos Vidal"),
        ("F.lli Brandi", "Fratelli Brandi srl"),
        ("Éts Morin", "Établissements Morin"),
        ("Alm Laboratories", "Alm Labs"),
    ],
)
def test_a_firm_is_one_with_its_owner_and_with_words_shortened(one: str, other: str) -> None:
    assert firms(one, other, SITE) == "certain"


@pytest.mark.parametrize("line", ["Services", "Management", "Marketing", "International"])
def test_a_line_of_business_distinguishes_in_every_form(line: str) -> None:
    assert compare_company_names(company_words("Deichgraf"), company_words(f"Deichgraf {line}")) == "division"


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("deich-graf.de", "deichgraf.de", "near_domain"),
        ("müller-bau.at", "muellerbau.at", "near_domain"),
        ("deichgraf.de", "deichgraaf.de", "other_domain"),
    ],
)
def test_a_hyphen_or_umlaut_makes_no_other_domain(one: str, other: str, says: str) -> None:
    records = ({"name": "Deichgraf", "domain": domain} for domain in (one, other))
    assert says in score_pair("companies", *records).evidence


@pytest.mark.parametrize(
    ("street", "parts"),
    [
        ("Corso Garibaldi 77, 20121 Milano", ("Corso Garibaldi 77", "Milano", "20121")),
        ("Deichweg 3\nD-25813 Husum\nDeutschland", ("Deichweg 3", "Husum", "25813")),
        ("ul. Polna 3, 00-625 Warszawa", ("ul. Polna 3", "Warszawa", "00-625")),
        ("Herengracht 1, 1016 DV Amsterdam", ("Herengracht 1", "Amsterdam", "1016 DV")),
        ("Flat 3, 12 Mill Lane, Bristol BS1 2AW", ("Flat 3, 12 Mill Lane", "Bristol", "BS1 2AW")),
        ("88 Elm St, Boston, MA 02108", ("88 Elm St", "Boston", "02108")),
        ("9 Elm St, Salem OR 97301-1234, USA", ("9 Elm St", "Salem", "97301-1234")),
        ("12 rue Foch, 69006 Lyon", ("12 rue Foch", "Lyon", "69006")),
        ("Gasse 2, 9000 St. Gallen", ("Gasse 2", "St. Gallen", "9000")),
    ],
)
def test_an_address_in_one_field_is_taken_apart(street: str, parts: tuple[str, str, str]) -> None:
    assert in_its_fields(street, None, "") == parts


@pytest.mark.parametrize(
    "street",
    [
        "Flat 3, 12 Mill Lane",
        "Suite 5, 1200 Mill Lane",
        "Deichweg 3, Hinterhaus",
        "c/o Alm, Deichweg 3",
        None,
    ],
)
def test_what_is_a_street_alone_stays_one(street: str | None) -> None:
    assert in_its_fields(street, None, None) == (street, None, None)


def test_an_address_in_one_field_is_compared_and_looked_up_as_one_in_three() -> None:
    name = {"first_name": "Ida", "last_name": "Zorn"}
    one = {**name, "street": "Deichweg 3, 25813 Husum"}
    other = {**name, "street": "Deichweg 3", "postcode": "25813", "city": "Husum"}
    assert score_pair("contacts", one, other).kind == "certain"
    assert contact_keys(one) == contact_keys(other)
    assert in_its_fields("Deichweg 3, 25813 Husum", "Kiel", None)[1] == "Kiel"


def test_saint_and_mac_are_one_name_in_both_spellings() -> None:
    assert named("Olivier", "Saint-Clair") == named("Olivier", "St. Clair") == ("olivier", "st clair")
    assert last_likeness(plain("McAllister"), plain("Mac Alister")) == "alike"


@pytest.mark.parametrize(
    ("text", "read"),
    [("M?ller", "mller"), ("Fran\ufffdois", "franois"), ("Wer? Wir", "wer wir"), ("Route 6?6", "route 6 6")],
)
def test_a_lost_letter_parts_no_word(text: str, read: str) -> None:
    assert plain(text) == read


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("2 Mill Lane", "2 Mill Lane, near the mill", "near"),
        ("797 Third Ave.", "797 3rd Ave. between 48th and 49th St.", "near"),
        ("4 Mill Lane", "2 Mill Lane near the mill", "other"),
        ("Mill Lane", "Mill Lane near the old mill", "other"),
    ],
)
def test_a_street_may_be_described_behind_its_number(one: str, other: str, likeness: str) -> None:
    assert compare_streets(place(one, None, None), place(other, None, None)) == likeness
