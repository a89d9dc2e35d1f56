"""Further pairs that are hard to tell: what says nothing, what is shared, and what is written otherwise."""

from __future__ import annotations

import pytest

from tests.support.plain.pairs import HOME, PHONE, SITE, Record, firms, kind, named
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.matching.scoring import score_pair
from webapp.domain.records.keys import contact_keys, domain_key, phone_key


def people(one: Record, other: Record) -> str:
    return kind("contacts", one, other)


# What says nothing.

NOBODY = """
NA| N.N.| Kunde| Gast| Dummy| Tester|Test asdf|asdf Unbekannt|Unbekannt No|Name Vorname|Nachname Mr|Mr
???|??? abc|abc Info|Info Kein|Name Max|Mustermann Jane|Doe Test|User Contact|Contact Anonymous|Anonymous
Inconnu|Inconnu Sin|Nombre Nessuno|Nessuno Office|Team Frau|Buchhaltung
"""


@pytest.mark.parametrize("name", NOBODY.split())
def test_a_name_of_nobody_finds_and_links_nobody(name: str) -> None:
    one = named(name, **PHONE)
    assert people(one, one) == "none"
    assert people(one | HOME, one | HOME) != "certain"
    assert (contact_keys(one)["name_key"], contact_keys(one)["letters_key"]) == (None, None)


@pytest.mark.parametrize(
    "phone",
    [
        *("0000000", "+49 000 000000", "99999999", "012345678", "123-456-7890", "+1 (111) 111-1111"),
        *("0123 456789", "+49 123 456789", "+49 1234567890", "+1 (123) 456-7890", "11223344", "121212"),
        *("00 00 00 00 00", "05 05 05 05 05", "123 123 123", "998877", "0049 1234567"),
    ],
)
def test_a_number_that_people_make_up_links_nobody(phone: str) -> None:
    one, other = (named("Imke|Hansen", phone=phone, email=email) for email in ("imke@deich.de", "ih@alm.at"))
    assert people(one, other) == "none"


@pytest.mark.parametrize(
    "name",
    [
        *("Privat", "Selbständig", "self-employed", "Freelancer", "keine", "UG (haftungsbeschränkt)", "Ltd."),
        *(
            "GmbH & Co. KG",
            "e.V.",
            "Rentner",
            "Homeowner",
            "Sole Trader",
            "Einzelunternehmen",
            "diverse",
            "...",
        ),
    ],
)
def test_what_is_no_name_of_a_company_links_none(name: str) -> None:
    assert firms(name, name, {"city": "Husum", "postcode": "25813"}) == "none"


HOSTS = """
outlook.at yahoo.com.au hotmail.com.br gmx.li posteo.net live.no kiosk.webnode.cz kiosk.business.site
pinterest.at xing.com kiosk.odoo.com m.facebook.com de-de.facebook.com google.co.uk maps.google.de
kiosk.blogspot.de kiosk.shoptet.cz kiosk.wixstudio.com kiosk.mykajabi.com kiosk.ghost.io
kiosk.substack.com kiosk.onmicrosoft.com kiosk.github.io kiosk.s3.amazonaws.com kiosk.vercel.app
kiosk.myfritz.net qrco.de hoo.be amazon.nl ebay.at tripadvisor.ie wlw.de keine-website.de no-email.info
unbekannt.org
"""


@pytest.mark.parametrize("host", HOSTS.split())
def test_a_host_of_many_firms_is_the_domain_of_none(host: str) -> None:
    assert own_domain(domain_key(host)) is None
    assert firms("Alte Gärtnerei", "Neue Töpferei", {"domain": host}) == "none"
    towns: tuple[Record, Record] = {"domain": host, "city": "Husum"}, {"domain": host, "city": "Passau"}
    assert firms("Alte Gärtnerei", "Alte Gärtnerei", *towns) == "none"


OWN_HOSTS = """
nordlicht.io nordlicht.com.au nordlicht.shop nordlicht.app nordlicht.eu.com nordlicht.me.uk
nordlicht.waw.pl nordlicht.priv.no google-partner.de live.nordlicht.de nordlicht.eu.org facebooking.de
"""


@pytest.mark.parametrize("host", OWN_HOSTS.split())
def test_a_host_of_one_firm_is_its_domain(host: str) -> None:
    assert own_domain(domain_key(host)) == host


# What is shared.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Feldkamp Nord", "Feldkamp Süd"),
        ("Feldkamp Asia Ltd", "Feldkamp Europe GmbH"),
        ("Feldkamp Stiftung", "Feldkamp GmbH"),
        ("Feldkamp #12", "Feldkamp #14"),
        ("Feldkamp France", "Feldkamp Deutschland"),
        ("Feldkamp Verwaltungs GmbH", "Feldkamp Vertriebs GmbH"),
        ("Uni Husum, Institut für Physik", "Uni Husum, Institut für Chemie"),
        ("Department of Health", "Department of Transport"),
        ("Feldkamp & Söhne", "Feldkamp & Töchter"),
        ("Feldkamp", "Feldkamp Ventures"),
        ("Feldkamp (Bremen)", "Feldkamp (Leipzig)"),
        ("Praxis Dr. Alm", "Praxis Dr. Birk"),
    ],
)
def test_two_of_one_domain_alone_are_a_question(one: str, other: str) -> None:
    assert firms(one, other, {"domain": "feldkamp.com"}) == "doubtful"


ROLES = """
kontakt office buchhaltung hello webmaster bestellung rechnung poststelle no-reply contabilita
facturation ventas accounts.payable service-center info.husum info-de sales.emea support-team
hr.department shop2 kundeservice biuro
"""


@pytest.mark.parametrize("mailbox", ROLES.split())
def test_a_mailbox_that_many_read_is_nobodys(mailbox: str) -> None:
    address = {"email": f"{mailbox}@deich.de"}
    assert people(named("Imke|Hansen", **address), named("Jörn|Petersen", **address)) == "doubtful"
    assert people(named("Imke|Hansen", **address), address) == "doubtful"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("p.hansen@deich.de", "p.hansen2@deich.de"),
        ("peter.hansen@deich.de", "peter.hansen-2@deich.de"),
        ("phansen1@deich.de", "phansen2@deich.de"),
        ("peter.hansen@gmail.com", "peter.hansen3@gmail.com"),
    ],
)
def test_a_second_mailbox_of_one_name_may_be_a_namesakes(one: str, other: str) -> None:
    shared: Record = {"company_id": 4, **PHONE, **HOME}
    assert people(
        named("Peter|Hansen", email=one, **shared), named("Peter|Hansen", email=other, **shared)
    ) == ("doubtful")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Lena|Hansen", "Lina|Hansen"), ("Lea|Hansen", "Mia|Hansen")),
        *(("Hans Peter|Hansen", "Hans Jürgen|Hansen"), ("John A.|Finch", "John B.|Finch")),
        ("Rosa|Portillo", "Rosalva|Portillo"),
    ],
)
def test_relatives_of_one_house_are_never_certain(one: str, other: str) -> None:
    """Not even twins, who have one birthday."""
    born = {"custom.birthday": "2001-03-01"}
    for shared in (HOME | PHONE, HOME | born):
        assert people(named(one, **shared), named(other, **shared)) != "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Walter|Finch III", "Walter|Finch"), ("Walter jr.|Finch", "Walter|Finch")),
        *(
            ("João|Silva Filho", "João|Silva"),
            ("Karl|Roth d. J.", "Karl|Roth"),
            ("Jean|Roux fils", "Jean|Roux"),
        ),
    ],
)
def test_a_generation_on_one_side_is_a_question(one: str, other: str) -> None:
    assert people(named(one, **HOME, **PHONE), named(other, **HOME, **PHONE)) == "doubtful"


# What is written otherwise.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ("Анна|Смирнова", "Anna|Smirnova"),
            ("İpek|Y\u0131ld\u0131z", "Ipek|Yildiz"),
            ("Zoe\u0308|Noe\u0308l", "Zoë|Noël"),
        ),
        *(
            ("Stanisław|Żółć", "Stanislaw|Zolc"),
            ("Þórður|Guðmundsson", "Thordur|Gudmundsson"),
            ("山田|太郎",) * 2,
        ),
        *(
            ("Ștefan|Țîrlea", "Stefan|Tirlea"),
            ("Sean|O'Brien", "Sean|OBrien"),
            ("Sean|Mc Carthy", "Sean|McCarthy"),
        ),
        *(("Prof. Dr. Anna|Wiesner", "Anna|Wiesner"), ("Anna|von der Leyde", "Anna|Leyde")),
        *(("Anna|Vanderberg", "Anna|van der Berg"), ("Peter|A. Hansen", "Peter|Anton Hansen")),
        *(("Paco|Gomez", "Francisco|Gomez"), ("Gosia|Nowak", "Małgorzata|Nowak")),
    ],
)
def test_one_person_under_two_spellings_is_certain(one: str, other: str) -> None:
    assert people(named(one, **HOME, **PHONE), named(other, **HOME, **PHONE)) == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ("+45 22 33 44 51", "22334451"),
            ("+352 621 334 455", "621334455"),
            ("+43 1 5334455", "01 5334455"),
        ),
        *(
            ("+39 06 6982 1234", "06 6982 1234"),
            ("+1 937 555 0142", "(937) 555-0142"),
            ("8 495 123-45-67",) * 2,
        ),
        *(("tel:+49-4841-551207", "04841 551207"), ("٠٤٨٤١ ٥٥١٢٠٧", "04841 551207")),
        *(("04841 551207 ext. 12", "+49 4841 551207"), ("0041 44 668 18 00", "044 668 18 00")),
    ],
)
def test_a_number_is_one_however_it_is_written(one: str, other: str) -> None:
    assert phone_key(one) == phone_key(other)
    assert people(named("Imke|Hansen", phone=one), named("Imke|Hansen", phone=other)) == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("anna.w@deichbau.de", "anna.w+news@deichbau.de"), ("anna.w@gmail.com", "annaw@gmail.com")),
        *(("anna.w@gmail.com", "anna.w@googlemail.com"), ("anna.w@deichbau.de", "anna.w@deichbua.de")),
    ],
)
def test_two_addresses_of_one_mailbox_are_near(one: str, other: str) -> None:
    pair = named("Anna|Wiesnerova", email=one), named("Anna|Wiesnerova", email=other)
    assert "near_email" in score_pair("contacts", *pair).evidence
    assert people(*pair) == "certain"
    assert people(pair[0], pair[1] | {"first_name": "Paul"}) != "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ("A.L.M. Logistik", "ALM Logistik"),
            ("Alm + Birk", "Alm und Birk"),
            ("Alm et Birk", "Alm & Birk SARL"),
        ),
        *(("St. Georg Apotheke", "Sankt Georg Apotheke"), ("Saint Mary Hospital", "St Mary's Hospital")),
        *(
            ("Gebr. Alm", "Gebrüder Alm GmbH"),
            ("Alm Manufacturing", "Alm Mfg."),
            ("Alm Intl", "Alm International"),
        ),
        *(
            ("Alm Centre", "Alm Center"),
            ("Alm Soft", "AlmSoft GmbH"),
            ("Third Wave Coffee", "3rd Wave Coffee"),
        ),
        *(("Alm Fund II", "Alm Fund 2"), ("Gasthof Adler [Husum]", "Gasthof Adler")),
    ],
)
def test_one_company_under_two_spellings_is_certain(one: str, other: str) -> None:
    assert firms(one, other, {"city": "Husum"}) == "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("HWB", "Husumer Wasser Betriebe"), ("H.W.B. GmbH", "Husumer Wasser Betriebe")),
        *(("BfA", "Büro für Architektur"), ("Alm Holdings LLC dba Blue Bird", "Blue Bird")),
        *(("Alm Werke, vormals Birk AG", "Birk AG"), ("Gasthof Adler - Husum", "Gasthof Adler")),
    ],
)
def test_a_short_or_a_second_name_is_seen(one: str, other: str) -> None:
    assert firms(one, other, SITE) != "none"
    assert firms(one, other, SITE, {"city": "Passau"}) != "certain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Alm Capital Fund III", "Alm Capital Fund IV"), ("Alm Solar Park A", "Alm Solar Park B")),
        *(("Alm Objekt Erste GmbH", "Alm Objekt Zweite GmbH"), ("Grundschule 3", "Grundschule 5")),
        *(("1. FC Alm", "2. FC Alm"), ("Alm Fund", "Alm Fund II"), ("Blumen Iris", "Café Blau")),
    ],
)
def test_what_is_counted_or_called_otherwise_in_one_house_is_another(one: str, other: str) -> None:
    assert firms(one, other, SITE) == "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"street": "Dorfstr. 3", "city": "Schobüll"}, {"street": "Dorfstraße 3", "city": "Husum"}),
        (
            {"street": "201 W. 83rd St.", "city": "New York"},
            {"street": "201 West 83rd Street", "city": "New York City"},
        ),
        ({"city": "Frankfurt", **PHONE}, {"city": "Frankfurt am Main", **PHONE}),
    ],
)
def test_one_place_under_two_names_is_one(one: Record, other: Record) -> None:
    assert firms("Gasthof Adler", "Gasthof Adler", one, other) == "certain"


BORN: Record = {"custom.birthday": "1984-02-09"}


def test_twins_and_who_has_married_are_seen_by_one_birthday() -> None:
    shared: Record = HOME | BORN
    assert people(named("Lea|Hansen", **shared), named("Mia|Hansen", **shared)) == "doubtful"
    assert people(named("Imke|Hansen", **shared), named("Imke|Lorenzen", **shared)) == "certain"
    assert people(named("Imke|Hansen", **HOME), named("Imke|Lorenzen", **HOME)) == "doubtful"
    assert people(named("Anna|Hansen", **HOME), named("Anna|Lorenzen", **HOME)) == "none"
    assert people(named("Lea|Hansen", **HOME), named("Mia|Hansen", **HOME)) == "none"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("144 Evergood Close", "144 Evergood Mclose"),
        ("212 Casson Street", "212 Cassons Treet"),
        ("344 Phillip Avenue", "344 Phillipiaenue"),
        ("Thompson Place", "Thompson Polace"),
    ],
)
def test_a_street_is_recognised_across_slips_and_misplaced_blanks(one: str, other: str) -> None:
    place: Record = {"city": "Smithfield", "postcode": "3109"}
    pair = (named("Chloe|Lowe", street=street, **place) for street in (one, other))
    assert people(*pair) == "certain"
