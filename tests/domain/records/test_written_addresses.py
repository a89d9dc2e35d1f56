"""Domains, e-mail addresses and telephone numbers as people and programs write them (B31, B58)."""

from __future__ import annotations

import pytest

from webapp.domain.matching.mailboxes import is_shared_mailbox
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.records.keys import birthday_of, contact_keys, domain_key, email_key, phone_key
from webapp.domain.records.normal.hosts import bare_email
from webapp.domain.records.normal.phones import may_be_somebodys


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://user:secret@Acme.de:8443/shop?utm_source=x#top",
            "acme.de:8080",
            "ACME.de.",
            "www.www.acme.de",
        ),
        *("http//acme.de", "https:acme.de", "http:://acme.de", "https://https://acme.de", "http:\\\\acme.de"),
        *(
            "<acme.de>",
            '"acme.de"',
            "(www.acme.de)",
            "\u201eacme.de\u201c",
            "acme.de,",
            "acme.de;",
            "acme.de/",
        ),
        *(
            "acme.de, acme.com",
            "acme.de;acme.com",
            "acme.de|acme.com",
            "acme.de acme.com",
            "acme.de / acme.com",
        ),
        *("Acme GmbH <info@acme.de>", "mailto:info@acme.de", "info@acme.de", "acme.de%20"),
        *("https%3A%2F%2Fwww.acme.de%2Fkontakt", "\u200bacme.de\ufeff", "acme\u3002de", "ftp://acme.de"),
    ],
)
def test_a_domain_is_known_however_it_is_written(text: str) -> None:
    """Of several the first counts, whatever stands between them."""
    assert domain_key(text) == "acme.de"


@pytest.mark.parametrize(
    "text",
    [
        *("192.168.0.1", "http://10.0.0.1:8080/", "[::1]", "http://[2001:db8::1]/", "localhost", "co.uk"),
        *("n/a", "none", "-", "0000", "1234.56", "www.", "http://", "https%3A%2F%2F", "acme..de", "acme,de"),
        *("tel:+49123", "javascript:alert(1)", "a|b", "Acme GmbH", "\u200b", "%", "%00", "@", "<>"),
    ],
)
def test_what_is_no_domain_has_no_key(text: str) -> None:
    assert domain_key(text) is None


def test_a_page_at_another_is_not_the_firm_that_it_names() -> None:
    for text in (
        "https://www.google.com/url?q=https://acme.de",
        "https://web.archive.org/web/2020/http://acme.de",
    ):
        assert own_domain(domain_key(text)) is None
        assert domain_key(text) != "acme.de"


@pytest.mark.parametrize(
    "text",
    [
        *("Eva@Acme.de", "eva@acme.de.", "eva@acme.de,", "eva@acme.de; ", "<eva@acme.de>", "'eva@acme.de'"),
        *(
            "Eva Roth <eva@acme.de>",
            '"Roth, Eva" <Eva@acme.de>,',
            "mailto:eva@acme.de",
            "MAILTO: eva@acme.de",
            "mailto://eva@acme.de",
            "SMTP:eva@acme.de",
        ),
        *("mailto:eva@acme.de?subject=Hello", "mailto:Eva%20Roth%3Ceva@acme.de%3E", "E-Mail: eva@acme.de"),
        *("eva@acme.de\u200b", "\u202aeva@acme.de\u202c", "\u201ceva@acme.de\u201d"),
        # In the wide letters of East Asia.
        *("eva@acme\u3002de", "eva\uff20acme\uff0ede", "\uff25\uff56\uff41@acme.de"),
    ],
)
def test_an_address_is_known_without_what_stands_around_it(text: str) -> None:
    assert email_key(text) == "eva@acme.de"


@pytest.mark.parametrize(
    "text",
    [
        *("eva+news@acme.de", "e.v.a@gmail.com", '"eva roth"@acme.de', "o'hara@acme.de", ".eva@acme.de"),
        *("eva@acme.de;ida@acme.de", "eva@@acme.de", "eva (at) acme.de", "eva@m\u00fcller.de"),
    ],
)
def test_what_belongs_to_an_address_stays(text: str) -> None:
    assert (bare_email(text), email_key(text)) == (text, text)


@pytest.mark.parametrize(
    "text",
    [
        *("030 123456", "030/12 34 56 ext. 12", "030123456;ext=4", "tel:+49-30-123456"),
        *("030 123456, 0171 7654321", "030 123456; 030 654321", "+49 30 123456 oder +49 171 7654321"),
        *("030 123456 / 0171 7654321", "Tel. +49 30 123456", "030 123456\n0171 7654321", "030 / 123456"),
    ],
)
def test_a_number_is_known_beside_extensions_and_other_numbers(text: str) -> None:
    assert phone_key(text) == phone_key("+49 30 123456")


@pytest.mark.parametrize("number", ["112233445566", "00112233445566", "11223344", "1234567", "0000000000"])
def test_a_number_that_counts_is_nobodys(number: str) -> None:
    key = phone_key(number)
    assert key is None or not may_be_somebodys(key)


@pytest.mark.parametrize(
    "day", ["1900-01-01", "1970-01-01", "0001-01-01", "9999-12-31", "1899-12-30", "00000000"]
)
def test_a_day_with_which_calendars_begin_is_nobodys_birthday(day: str) -> None:
    values = {"first_name": "Eva", "last_name": "Roth", "custom.birthday": day}
    assert birthday_of(values) == ""
    assert contact_keys(values)["birthday_key"] is None
    assert birthday_of(values | {"custom.birthday": "1980-05-12"}) == "19800512"


@pytest.mark.parametrize(
    "address",
    ["a@a.de", "xx@xx.com", "ohne@ohne.de", "tbd@tbd.com", "mailer-daemon@acme.de", "bounces@acme.de"],
)
def test_an_address_that_repeats_itself_or_answers_by_machine_is_nobodys(address: str) -> None:
    assert is_shared_mailbox(address)


@pytest.mark.parametrize("address", ["smith@smith.com", "eva@acme.de", "eva@eva.de"])
def test_a_short_or_repeated_name_may_be_somebodys(address: str) -> None:
    assert not is_shared_mailbox(address)
