"""What people may type into a record's fields."""

from __future__ import annotations

import pytest

from webapp.domain.records.fields import Field
from webapp.domain.records.validate import Checked, as_text, check
from webapp.domain.records.values import Value
from webapp.text.records.records import value_problem

COMPANY = {"name": "Acme"}
CONTACT = {"last_name": "Lovelace", "company_id": "1"}


def company(**given: str) -> Checked:
    return check("companies", COMPANY | given, {})


def contact(**given: str) -> Checked:
    return check("contacts", CONTACT | given, {})


def refusal(checked: Checked, field: str) -> str:
    """What stands beside a field."""
    return value_problem(checked.errors[field])


@pytest.mark.parametrize(
    "phone",
    [
        "+49 30 1234567",
        "030 1234567",
        "(555) 123-4567 ext. 5",
        "0049 30 12345",
        "07700/900123",
        "1-800-FLOWERS",
        "112",
    ],
)
def test_a_phone_number_is_taken_as_it_was_typed(phone: str) -> None:
    checked = contact(phone=phone)
    assert not checked.errors
    assert checked.values["phone"] == phone


@pytest.mark.parametrize("phone", ["call me", "n/a", "12", "+999 123456", "+1 23", "+49 30 123456789012345"])
def test_what_cannot_be_a_phone_number_is_refused(phone: str) -> None:
    assert "is not a phone number" in refusal(contact(phone=phone), "phone")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada@Example.COM", "Ada@example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("ä@müller.de", "ä@müller.de"),
        ("a@firm.test", "a@firm.test"),
        ("x@newco.example", "x@newco.example"),
        ("X@Firm.Local.", "X@firm.local"),
        ("a@xn--mller-kva.de", "a@xn--mller-kva.de"),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
    ],
)
def test_an_address_is_kept_in_its_usual_form(typed: str, kept: str) -> None:
    assert contact(email=typed).values["email"] == kept


@pytest.mark.parametrize("email", ["nope", "a@b", "a b@c.de", "a@@c.de", "@c.de", "a@c..de"])
def test_what_is_no_address_is_refused(email: str) -> None:
    assert "not an e-mail address" in refusal(contact(email=email), "email")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Example.com", "example.com"),
        ("https://www.example.co.uk/about?x=1", "example.co.uk"),
        ("müller.de", "müller.de"),
        ("XN--MLLER-KVA.DE", "xn--mller-kva.de"),
        ("newco.example", "newco.example"),
        ("ACME.DE.", "acme.de"),
        ("https://medium.com/@acme", "medium.com"),
        ("https://www.youtube.com/@acme.de", "youtube.com"),
    ],
)
def test_a_domain_is_kept_without_what_surrounds_it(typed: str, kept: str) -> None:
    assert company(domain=typed).values["domain"] == kept


@pytest.mark.parametrize(
    "domain", ["acme", "acme.nosuchending", "co.uk", "info@acme.com", "...", "a,b", "example"]
)
def test_what_is_no_domain_is_refused(domain: str) -> None:
    assert "not a domain" in refusal(company(domain=domain), "domain")


@pytest.mark.parametrize(
    "website",
    [
        *("example.com", "https://example.com/a?b=c#d", "http://example.com:8080", "newco.example"),
        *("https://medium.com/@acme", "https://www.youtube.com/@acme.de", "HTTPS://Acme.DE./", "müller.de"),
    ],
)
def test_a_web_address_may_go_without_its_scheme(website: str) -> None:
    assert company(website=website).values["website"] == website


@pytest.mark.parametrize(
    "website", ["javascript:alert(1)", "ftp://example.com", "our site", "data:text/html,x"]
)
def test_what_a_browser_should_not_follow_is_no_web_address(website: str) -> None:
    assert "not a web address" in refusal(company(website=website), "website")


@pytest.mark.parametrize(
    ("typed", "kept"), [("250", 250), ("0", 0), ("1 200", 1200), ("2147483647", 2**31 - 1)]
)
def test_a_whole_number_is_taken(typed: str, kept: int) -> None:
    assert company(employees=typed).values["employees"] == kept


@pytest.mark.parametrize("typed", ["-1", "2.5", "many", "2147483648", "٣"])
def test_anything_but_a_whole_number_is_refused(typed: str) -> None:
    assert "whole number" in refusal(company(employees=typed), "employees")


def test_a_text_that_is_too_long_says_how_long_it_may_be() -> None:
    assert refusal(company(name="x" * 301), "name") == "At most 300 characters; this has 301."
    assert not company(name="x" * 300).errors


def test_a_status_is_one_of_ours_in_whatever_case() -> None:
    assert company(status="customer").values["status"] == "Customer"
    assert "One of: Lead, Prospect" in refusal(company(status="VIP"), "status")


def test_white_space_alone_is_blank() -> None:
    assert company(city=" \t ").values["city"] is None


def test_what_no_database_can_hold_is_taken_out() -> None:
    assert company(city="Bo\0nn \ud800").values["city"] == "Bonn \ufffd"


def test_line_breaks_stay_in_long_texts_alone() -> None:
    checked = company(description="one\r\ntwo", city="Bad\r\nHomburg")
    assert checked.values["description"] == "one\ntwo"
    assert checked.values["city"] == "Bad Homburg"


def test_a_record_needs_something_to_be_recognised_by() -> None:
    assert "name or a domain" in refusal(check("companies", {"city": "Bonn"}, {}), "name")
    assert "name or an e-mail" in refusal(check("contacts", {"company_id": "1"}, {}), "first_name")


def test_a_contact_needs_a_company() -> None:
    assert "belongs to a company" in refusal(check("contacts", {"last_name": "X"}, {}), "company_id")


def test_a_value_that_was_pulled_in_does_not_stand_in_the_way_of_other_edits() -> None:
    stored = {"name": "Acme", "phone": "see website", "status": "VIP", "domain": "intranet"}
    given = {name: as_text(value) for name, value in stored.items()} | {"city": "Bonn"}
    checked = check("companies", given, stored)
    assert not checked.errors
    assert (checked.values["phone"], checked.values["city"]) == ("see website", "Bonn")
    assert "phone" in check("companies", given | {"phone": "see web"}, stored).errors


def test_a_custom_value_stays_what_it_was() -> None:
    stored: dict[str, Value] = {"name": "A", "custom.seats": 5, "custom.vip": True, "custom.tier": "gold"}
    given = {"custom.seats": "7", "custom.vip": "false", "custom.tier": "", "custom.new": "x"}
    values = check("companies", given, stored).values
    assert values["custom.seats"] == 7
    assert values["custom.vip"] is False
    assert values["custom.tier"] is None
    assert values["custom.new"] == "x"
    wrong = check("companies", {"custom.seats": "some", "custom.vip": "maybe"}, stored).errors
    assert set(wrong) == {"custom.seats", "custom.vip"}


@pytest.mark.parametrize("name", ["1st", "a b", "", "x" * 61, "a.b", "_x"])
def test_a_custom_name_that_could_not_be_a_column_is_refused(name: str) -> None:
    assert "begins with a letter" in refusal(company(**{f"custom.{name}": "x"}), f"custom.{name}")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        *(
            ("Ada Lovelace <Ada@acme.com>", "Ada@acme.com"),
            ("mailto:ada@acme.com?subject=Hi", "ada@acme.com"),
        ),
        *(
            ("ada@acme.com,", "ada@acme.com"),
            ("'ada@acme.com'", "ada@acme.com"),
            ("<ada@acme.com>;", "ada@acme.com"),
        ),
        *(("ada+news@acme.com", "ada+news@acme.com"), ("o'hara@acme.com", "o'hara@acme.com")),
    ],
)
def test_an_address_is_kept_without_what_stands_around_it(typed: str, stored: str) -> None:
    checked = contact(email=typed)
    assert (checked.errors, checked.values["email"]) == ({}, stored)


@pytest.mark.parametrize(
    "typed", ["ada@acme.com; bob@acme.com", "ada@@acme.com", "ada(at)acme.com", "ada @acme.com"]
)
def test_what_is_not_one_address_is_refused(typed: str) -> None:
    assert "is not an e-mail address" in refusal(contact(email=typed), "email")


@pytest.mark.parametrize(
    "typed", ["acme.com, acme.de", "acme.com;acme.de", "acme.com / acme.de", "acme.com www.acme.de"]
)
def test_of_several_domains_none_is_dropped_in_silence(typed: str) -> None:
    assert refusal(company(domain=typed), "domain").startswith(
        "These are several domains: acme.com, acme.de."
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        *(("https//acme.com", "acme.com"), ("<www.acme.com>", "acme.com"), ("acme.com,", "acme.com")),
        *(("acme.com https://www.acme.com/de", "acme.com"), ("www.acme.com (old)", "acme.com")),
    ],
)
def test_a_domain_is_kept_without_what_stands_around_it(typed: str, stored: str) -> None:
    checked = company(domain=typed)
    assert (checked.errors, checked.values["domain"]) == ({}, stored)


@pytest.mark.parametrize(
    "typed",
    ["info@acme.com", "http//acme.com", "https:acme.com", "https://https://acme.com", "acme.com|acme.de"],
)
def test_what_no_browser_would_open_is_no_web_address(typed: str) -> None:
    assert "is not a web address" in refusal(company(website=typed), "website")


def test_a_web_address_is_kept_without_brackets_and_with_whoever_logs_in() -> None:
    assert company(website="<https://acme.com/a>").values["website"] == "https://acme.com/a"
    assert company(website="https://me:x@acme.com").values["website"] == "https://me:x@acme.com"


def test_a_number_that_may_be_a_thousand_times_another_is_asked_about() -> None:
    field = Field("custom.score", "Score", "number")
    for typed, words in (("1.500", "1500 or 1.5"), ("2.000", "2000 or 2")):
        checked = check("companies", COMPANY | {"custom.score": typed}, {}, [field])
        assert words in refusal(checked, "custom.score")
    for typed, stored in (("1.5", 1.5), ("1500", 1500), ("1.505", 1.505), ("0.500", 0.5)):
        assert (
            check("companies", COMPANY | {"custom.score": typed}, {}, [field]).values["custom.score"]
            == stored
        )


def test_several_choices_may_keep_one_that_is_not_offered_any_more() -> None:
    """The form shows it among the others, and nobody has to give it up to choose one more."""
    offered = ("Golf", "Music", "Chess")
    field = Field("custom.likes", "Likes", "choices", 200, offered, retired=("Chess",))
    stored: dict[str, Value] = {"name": "Acme", "custom.likes": "Golf;Chess;Sailing"}

    def given(typed: str) -> Checked:
        return check("companies", COMPANY | {"custom.likes": typed}, stored, [field])

    for typed in ("Golf;Music;Chess;Sailing", "music;CHESS", "Sailing"):
        assert given(typed).errors == {}
    assert given("music;CHESS").values["custom.likes"] == "Music;Chess"
    for typed in ("Golf;Chess;Go", "Dance"):
        assert "is none of: Golf, Music." in refusal(given(typed), "custom.likes")
    new = check("companies", COMPANY | {"custom.likes": "Golf;Chess"}, {}, [field])
    assert "“Chess” is none of" in refusal(new, "custom.likes")
