"""Labels of records and their fields, and texts about values that do not fit."""

from collections import Counter
from collections.abc import Mapping

from webapp.domain.records.fields import COMPANY, CUSTOM, Field, FieldKind, ObjectType
from webapp.domain.records.values import folded, visible
from webapp.errors import Problem
from webapp.text.sentence import problem_text
from webapp.text.translated import Table, gettext, mark

_OBJECT_TYPES: dict[ObjectType, tuple[str, str]] = {
    "companies": ("Company", "Companies"),
    "contacts": ("Contact", "Contacts"),
}
OBJECT_TYPES = Table(_OBJECT_TYPES)
"""One and many."""

SINGULAR: Table[ObjectType, str] = Table({"companies": "company", "contacts": "contact"})
"""One of them within a sentence."""

PLURAL: Table[ObjectType, str] = Table({"companies": "companies", "contacts": "contacts"})
"""Several of them within a sentence."""

_SHARED_KEY: dict[ObjectType, tuple[str, str]] = {
    "companies": ("Another company has this domain: ", "{count} other companies have this domain: "),
    "contacts": ("Another contact has this e-mail: ", "{count} other contacts have this e-mail: "),
}
SHARED_KEY = Table(_SHARED_KEY)
"""Before the names of the records that have what another one has: of one, and of several."""

_HELD_ON_PUSH = mark("A Push sends one of them and leaves the others until that is decided.")
_MERGE_THEM = mark("If they are the same, merge them.")

_NAMELESS: dict[ObjectType, str] = {
    "companies": "Company without a name",
    "contacts": "Contact without a name",
}
NAMELESS = Table(_NAMELESS)

_LABELS: dict[str, str] = {
    "name": "Name",
    "domain": "Domain",
    "website": "Website",
    "phone": "Phone",
    "street": "Street",
    "city": "City",
    "region": "Region",
    "postcode": "Postcode",
    "country": "Country",
    "industry": "Industry",
    "employees": "Employees",
    "description": "Description",
    "status": "Status",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "mobile": "Mobile",
    "job_title": "Job title",
    "company_id": "Company",
}
LABELS = Table(_LABELS)
"""What the built-in fields are called."""

_COMPANIES_THERE: dict[str, str] = {
    "primary_company": "Primary company in HubSpot",
    "plain_company": "Another company in HubSpot",
}
COMPANIES_THERE = Table(_COMPANIES_THERE)
"""What the log calls the companies that a contact has in HubSpot; their values are HubSpot's numbers."""

_FIELD_KINDS: dict[FieldKind, str] = {
    "text": "text",
    "long_text": "long text",
    "integer": "whole number",
    "number": "number",
    "date": "date",
    "datetime": "date and time",
    "yes_no": "yes or no",
    "choice": "single choice",
    "choices": "multiple choice",
    "email": "e-mail",
    "phone": "phone",
    "domain": "domain",
    "url": "web address",
    "status": "status",
    "company": "company",
}
FIELD_KINDS = Table(_FIELD_KINDS)
"""What each kind of field is called."""

_STATUS_LABELS: dict[str, str] = {
    "Lead": "Lead",
    "Prospect": "Prospect",
    "Customer": "Customer",
    "Former": "Former",
    "Other": "Other",
}
STATUS_LABELS = Table(_STATUS_LABELS)
"""What the statuses are called; commands and files name them as they are kept."""

_PROBLEMS: dict[str, str] = {
    # One value.
    "too_long": "At most {limit:,} characters; this has {length:,}.",
    "no_email": "This is not an e-mail address: {detail}",
    "no_phone": "This is not a phone number. Example: +49 30 1234567",
    "no_domain": "This is not a domain. Example: example.com",
    "several_domains": "These are several domains: {domains}. Keep the one of this company.",
    "no_url": "This is not a web address. Example: https://example.com",
    "no_integer": "A whole number, for example 250.",
    "no_number": "A number, for example 12.5.",
    "number_of_two_meanings": "This may mean {whole} or {fraction}. Write the one that you mean.",
    "no_date": "A date, for example 2026-11-24.",
    "no_datetime": "A date and time in UTC, for example 2026-11-24 08:15.",
    "no_yes_no": "yes or no.",
    "no_truth": "true or false.",
    "no_option": "“{given}” is none of: {options}.",
    "no_status": "One of: {options}.",
    "no_company_number": "Choose a company from the list.",
    "company_gone": "That company is no longer here: choose another one.",
    "bad_custom_name": "The name begins with a letter; then letters, digits, _ and -, at most 60 in all.",
    # A whole record.
    "nameless_company": "A company needs a name or a domain.",
    "nameless_contact": "A contact needs a name or an e-mail.",
    "no_company": "A contact belongs to a company: choose one.",
    "too_many_custom": "At most {limit} custom fields.",
    # A row of a file.
    "cells": "It has {count} cells, the header {expected}.",
    "no_record_number": "This is not the number of a record. Leave the cell empty for a new one.",
    "number_of_another": (
        "Record {record_id} is another one here, {name}. If the file comes from another Twinbook, take the "
        "column id out of it."
    ),
    "object_of_another": (
        "This record in HubSpot is that of record {record_id}, not of record {other_id}. Leave one of the "
        "two cells empty."
    ),
    "several_records": "{count} records have this: {record_ids}. Put the number of the right one under id.",
    "of_others": "{count} other records have this as well: {record_ids}. Perhaps they are the same.",
    "deleted_here": (
        "{name} was deleted here, and this row makes a new record. To have the old one back with its history "
        "and its link, undo the deletion in the sync log instead."
    ),
    "looks_like": "It looks like {name} (similar records: {record_ids}). They may be the same.",
    "same_record_twice": "Row {row} is record {record_id} as well. Leave one of the two rows.",
    "same_company_twice": "Row {row} has the same name and domain. Leave one of the two rows.",
    "same_email_twice": "Row {row} has the same e-mail address. Leave one of the two rows.",
    "no_company_of_number": "There is no company {company_id}.",
    "no_company_of_domain": "No company has the domain {domain}.",
    "several_companies_of_domain": "{count} companies have the domain {domain}.",
    "no_company_named": "No company is called {name}. Import or make the company first.",
    "several_companies_named": (
        "{count} companies are called {name}. Name the right one by its number or its domain."
    ),
    # The definition of a custom field.
    "bad_name": "Lower-case letters, digits and _, beginning with a letter; at most 60.",
    "name_of_standard_field": "A standard field has this name.",
    "name_taken": "There is a field “{name}” already, perhaps a retired one.",
    "field_gone": "There is no such field any more.",
    "no_kind": "Choose a type.",
    "no_label": "Give it a label.",
    "label_too_long": "At most {limit} characters.",
    "no_options": "Give at least one option, one a line.",
    "too_many_options": "At most {limit} options.",
    "option_with_semicolon": "An option cannot contain a semicolon, which joins several: “{option}”.",
    "option_too_long": "An option has at most {limit} characters: “{begin}…”.",
}
PROBLEMS = Table(_PROBLEMS)
"""What is wrong with what was typed."""


def label(name: str) -> str:
    """A field's name on screen; a custom field without a known label shows its own name."""
    if name.startswith(COMPANY):
        return gettext("Company: %(field)s", field=label(name.removeprefix(COMPANY)))
    return LABELS.get(name) or COMPANIES_THERE.get(name) or name.removeprefix(CUSTOM)


def held_on_push() -> str:
    """The text about what a Push does with records that share a value that must be unique."""
    return gettext(_HELD_ON_PUSH)


def shared_key_remedy() -> str:
    """The remedy if records share such a value, shown behind their names."""
    return f"{gettext(_MERGE_THEM)} {held_on_push()}"


def distinct(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels by internal name, with that name behind those that several share."""
    counts = Counter(_folded(text) for text in labels.values())
    return {
        name: f"{text} ({name.removeprefix(CUSTOM)})" if counts[_folded(text)] > 1 else text
        for name, text in labels.items()
    }


def _folded(text: str) -> str:
    return " ".join(visible(folded(text)).casefold().split())


def field_label(field: Field) -> str:
    """The label of a field; a custom one has that of its definition."""
    if field.label and field.name.startswith(COMPANY):
        return gettext("Company: %(field)s", field=field.label)
    return field.label or label(field.name)


def called(object_type: str, name: str) -> str:
    """The name of a record; of one without a name, that it has none."""
    return name or NAMELESS["companies" if object_type == "companies" else "contacts"]


def value_problem(problem: Problem) -> str:
    """The text of a problem of a value, a record or a field's definition."""
    return problem_text(PROBLEMS, problem)


def value_problems(problems: Mapping[str, Problem]) -> dict[str, str]:
    """The texts of problems, by field."""
    return {name: value_problem(problem) for name, problem in problems.items()}
