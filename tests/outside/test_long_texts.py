"""Time grows with the length of a text: none from outside keeps a worker busy for minutes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import pytest

from tests.support.plain.plain import MAPPINGS
from webapp.domain.mapping.values import to_local, to_remote
from webapp.domain.people import profile
from webapp.domain.records import conversions, searching, validate
from webapp.domain.records.fields import FIELDS, OBJECT_TYPES
from webapp.domain.records.files import csv_cells, encoding, headings
from webapp.domain.records.normal import addresses, companies, hosts, persons, phones, texts
from webapp.domain.records.values import trimmed, visible
from webapp.domain.webhooks.bodies import NoArrayError, items_of
from webapp.errors import UnfitError
from webapp.hubspot.http import answers
from webapp.installation import bare_errors
from webapp.text import refusals
from webapp.web.records.value_links import mail_link, phone_link, web_link

# The longest text that HubSpot keeps.
LENGTH = 65_536
# A square of the length takes seconds at least; what goes through a text a few times takes milliseconds.
_CPU_S = 1.5

UNITS = {
    "letters": "a",
    "digits": "1",
    "signs": "!",
    "blanks": " ",
    "words": "a ",
    "hyphens": "a-",
    "dots": "a.",
    "marks": "@",
    "brackets": "(",
    "quotes": "'",
    "pairs": "1 (0) ",
    "extensions": "1 ext ",
    "wide": "\u3000",
    "joined": "\u200d",
    "accents": "e\u0301",
    "slashes": "a/",
    "commas": "1,",
    "zeros": "0.",
}
ENDS = ("", "a!")
# A beginning, what is repeated behind it, and an end that fits to neither.
PUMPED = {
    "extension": ("1,", " ", "!"),
    "second number": ("1", " ", "a"),
    "mailboxes in brackets": ("<", "@", ">a"),
    "blanks in brackets": ("<", " ", ">a"),
    "blanks behind brackets": ("<a@b.de>", " ", "a"),
    "digits kept as a text": ("'", "1", "!"),
    "prefixes": ("", "mailto:", "a@b.de"),
    "values that are taken": ("", "propertyName=a,. 1", "!"),
    "encoded prefixes": ("mailto:", "mailto%3A", "a@b.de"),
}
# What stands between the brackets of a delivery that is no JSON.
BODIES = {
    "texts without end": b'"a\\',
    "quotes that end nothing": b'\\"',
    "pairs of quotes": b'"',
    "arrays that open": b"[",
    "objects that open": b"[{",
    "brackets within texts": b'["',
    "brackets that close": b"],[",
}


def named_by_postgres(text: str) -> str:
    return bare_errors.without_values("22P02", text)


def read_address(text: str) -> None:
    for address in (text, f"{text}@example.com", f"eve@{text}"):
        with suppress(UnfitError):
            profile.read_email(address)


FUNCTIONS: list[Callable[[str], object]] = [
    *(companies.company_key, companies.naming_key, companies.company_words, companies.without_bracket),
    *(hosts.domain_key, hosts.email_key, phones.phone_key, texts.text_key, texts.plain, trimmed, visible),
    *(addresses.street_words, lambda text: addresses.place(text, text, text), searching.search_of),
    *(persons.person_words, persons.full_form, headings.heading_key),
    *(mail_link, phone_link, web_link, csv_cells.to_cell, csv_cells.from_cell),
    lambda text: encoding.encoding_of([text.encode()]),
    # A refusal quotes several values.
    lambda text: answers.from_item({"message": 8 * text}),
    *(
        lambda text: bare_errors.text_of(ValueError(text)),
        named_by_postgres,
        read_address,
        refusals.stored_text,
        answers._retry_after_s,
    ),
    lambda text: validate.check("companies", {field.name: text for field in FIELDS["companies"]}, {}),
    lambda text: validate.check("contacts", {field.name: text for field in FIELDS["contacts"]}, {}),
]


@contextmanager
def little_work(cpu_s: float = _CPU_S) -> Iterator[None]:
    """Interrupts what takes this process more of its own time than it may, however busy the machine is."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it goes back over its text again and again")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("unit", UNITS)
def test_no_function_goes_back_over_its_text_again_and_again(unit: str) -> None:
    for end in ENDS:
        _read_by_all(UNITS[unit] * (LENGTH // len(UNITS[unit])) + end)


@pytest.mark.parametrize("kind", PUMPED)
def test_nor_over_one_that_begins_and_ends_otherwise(kind: str) -> None:
    begin, unit, end = PUMPED[kind]
    _read_by_all(begin + unit * (LENGTH // len(unit)) + end)


@pytest.mark.parametrize("kind", BODIES)
def test_nor_over_the_body_of_a_delivery(kind: str) -> None:
    for begin, end in ((b"[", b"]"), (b'["', b"]"), (b'["', b'",x]')):
        with little_work(), suppress(NoArrayError):
            items_of(begin + BODIES[kind] * (LENGTH // len(BODIES[kind])) + end)


def _read_by_all(text: str) -> None:
    for function in FUNCTIONS:
        with little_work():
            function(text)
    with little_work():
        _all_conversions(text)


def _all_conversions(text: str) -> None:
    for read in (
        *(conversions.read_number, conversions.read_day, conversions.read_moment, conversions.read_yes_no),
        *(conversions.read_number_in_text, conversions.read_day_in_text, conversions.read_moment_in_text),
    ):
        try:
            read(text)
        except ValueError:
            continue
    for kind in OBJECT_TYPES:
        for field in FIELDS[kind]:
            to_local(field, text, MAPPINGS[kind])
            to_remote(field, text, MAPPINGS[kind])


def test_the_limit_stops_what_is_quadratic() -> None:
    def quadratic(text: str) -> int:
        return sum(
            text.startswith("a", place) and text.endswith("b", place)
            for place in range(len(text))
            for _ in text
        )

    with pytest.raises(AssertionError, match="again and again"), little_work(_CPU_S / 10):
        quadratic("a" * LENGTH)
