"""An object's properties read as our fields."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.plain.plain import COMPANIES, CONTACTS
from webapp.domain.mapping.incoming import display_name, read_incoming
from webapp.domain.mapping.mapping import FieldMap, Mapping

any_text = st.none() | st.text(st.characters(exclude_categories=()))


def test_a_misfit_leaves_its_field_alone_and_the_others_are_read() -> None:
    read = read_incoming({"name": "Nordlicht", "phone": "1" * 51, "city": "Berlin"}, COMPANIES)
    assert read.values == {"name": "Nordlicht", "city": "Berlin"}
    assert read.misfits == [{"field": "phone", "reason": "value_too_long", "value": "1" * 51}]
    assert read.first_reason == "value_too_long"


def test_a_property_that_was_not_sent_is_not_known_to_be_blank() -> None:
    read = read_incoming({"name": "Nordlicht", "city": None}, COMPANIES)
    assert "city" in read.raw
    assert "phone" not in read.raw


def test_what_is_mapped_outwards_only_is_not_read() -> None:
    fields = (FieldMap("name", "name"), FieldMap("city", "city", "out"), FieldMap("phone", "phone", "off"))
    mapping = Mapping("companies", fields, {}, {})
    assert read_incoming({"name": "N", "city": "Berlin", "phone": "1"}, mapping).values == {"name": "N"}
    assert mapping.properties == ("name", "city", "hs_merged_object_ids", "hs_additional_domains")


def test_secondary_addresses_are_keys_too() -> None:
    properties: dict[str, str | None] = {
        "email": "Jonas@X.de",
        "hs_additional_emails": "OLD@x.de; ;third@x.de",
    }
    assert read_incoming(properties, CONTACTS).keys.emails == {"jonas@x.de", "old@x.de", "third@x.de"}


@example({"hs_additional_emails": "e\0va@x.de;\ud83d@x.de", "email": "\0", "lifecyclestage": "\ud83d"})
@given(st.dictionaries(st.sampled_from((*CONTACTS.properties, "unasked")), any_text))
def test_nothing_that_no_database_can_hold_comes_through(properties: dict[str, str | None]) -> None:
    read = read_incoming(properties, CONTACTS)
    texts = [*read.values.values(), *read.raw.values(), *read.further_emails, *read.columns.values()]
    texts += [misfit["value"] for misfit in read.misfits]
    texts.append(display_name("contacts", "1", properties))
    for text in texts:
        if isinstance(text, str):
            assert "\0" not in text
            text.encode()


def test_a_contact_is_called_by_its_name_else_its_address_else_its_id() -> None:
    assert display_name("contacts", "7", {"firstname": "Eva", "lastname": " Kern "}) == "Eva Kern"
    assert display_name("contacts", "7", {"firstname": " ", "email": "eva@x.de"}) == "eva@x.de"
    assert display_name("contacts", "7", {}) == "7"
    assert display_name("companies", "7", {"name": "", "domain": "x.de"}) == "x.de"


def test_a_place_is_known_however_its_postcode_is_written() -> None:
    london, other = ({"name": "Nordlicht", "zip": code} for code in ("SW1A 1AA", "sw1a1aa "))
    keys = read_incoming({**london}, COMPANIES).keys
    assert keys.place == read_incoming({**other}, COMPANIES).keys.place == "sw1a1aa/n"
    assert read_incoming({"name": "Nordlicht", "zip": " "}, COMPANIES).keys.place is None
