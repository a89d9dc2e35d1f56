"""What a search asks of a record's text, and what that text says of a record."""

from __future__ import annotations

import pytest

from webapp.domain.records.searching import search_of, text_of

_PERSON = {
    "first_name": "Jürgen",
    "last_name": "Müller-Lüdenscheidt",
    "email": "J.Mueller@Firma.de",
    "phone": "+49 (0)30 1234-567",
    "mobile": "0171 / 98 76 54",
    "city": "Köln",
    "postcode": "50667",
    "job_title": "Geschäftsführer",
}
_TEXT = text_of("contacts", _PERSON, company="Søren & Straße GmbH", addresses=["old_name@home.org"])


def _is_found(typed: str, text: str = _TEXT) -> bool:
    search = search_of(typed)
    return bool(search.terms) and search.is_in(text)


@pytest.mark.parametrize(
    "typed",
    [
        *("müller", "MUELLER", "muller", "lüdenscheid", "denscheid", "jürg müll", "müll jürg", "mü jü"),
        *("koeln", "Köln gesch", "führer", "soren", "Søren", "strasse", "straße", "gmbh müller"),
        *(
            "j.mueller@firma.de",
            "J.Mueller@fir",
            "firma.de",
            "https://www.firma.de/x",
            "old_name@",
            "home.org",
        ),
        *("+49 30 1234567", "030 1234567", "0301234", "1234567", "0049 30 12", "(0)30 1234", "0171987654"),
        *("50667", "50667 köln", "  müller  "),
    ],
)
def test_any_part_of_a_word_finds_it_whatever_the_case_the_accents_and_the_order(typed: str) -> None:
    assert _is_found(typed)


@pytest.mark.parametrize(
    "typed", ["", "  ", "%", "_", "…", "🙂", "xyz", "müller xyz", "ürgenx", "99999", "el"]
)
def test_what_is_not_there_is_not_found(typed: str) -> None:
    assert not _is_found(typed)


def test_two_letters_have_to_begin_a_word() -> None:
    assert _is_found("mu")
    assert not _is_found("ul")


def test_words_of_other_scripts_are_found_as_they_are_and_in_latin_letters() -> None:
    text = text_of("contacts", {"first_name": "Иван", "last_name": "Петров"})
    assert _is_found("петр", text)
    assert _is_found("petrov iv", text)
    wang = text_of("contacts", {"first_name": "小明", "last_name": "王"})
    assert _is_found("小明", wang)
    assert not _is_found("晓明", wang)


def test_only_what_begins_is_looked_for_by_a_single_letter() -> None:
    assert not search_of("m").is_indexed
    assert not search_of("王").is_indexed
    assert search_of("m müller").is_indexed
    assert search_of("M").name == "m"


def test_a_company_is_found_by_name_domain_place_trade_and_phone() -> None:
    text = text_of(
        "companies",
        {
            "name": "Nordlicht Verlag",
            "domain": "nordlicht.de",
            "city": "Ulm",
            "phone": "12-34-56",
            "industry": "Print",
        },
    )
    assert all(_is_found(typed, text) for typed in ("licht ulm", "rdlicht.de", "123456", "print nord"))


def test_a_record_without_anything_has_no_text() -> None:
    assert text_of("companies", {"name": None, "domain": ""}) == ""


def test_a_very_long_search_is_cut() -> None:
    assert len(search_of(" ".join(f"word{number}" for number in range(100))).terms) == 8
