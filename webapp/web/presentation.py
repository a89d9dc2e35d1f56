"""Filters and functions for every template: moments, numbers, names, texts of outcomes and reasons."""

from typing import Any

from flask import Flask
from jinja2 import Template
from jinja2.runtime import Context
from markupsafe import Markup

from webapp.domain.records.fields import CUSTOM, FIELDS, ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.records.validate import as_text
from webapp.store.connection.connections import Connection
from webapp.store.records.listing.groups import MOST_COUNTED
from webapp.store.records.records import Record
from webapp.text import reasons
from webapp.text.people import ROLES
from webapp.text.reasons import Reason
from webapp.text.records.records import PLURAL, SINGULAR, STATUS_LABELS, called
from webapp.text.refusals import stored_text
from webapp.text.runs.outcomes import counted, outcome
from webapp.text.sentence import sentence_case
from webapp.text.translated import is_right_to_left, isolated, language, number_text
from webapp.usecases.connection import portal
from webapp.version import VERSION
from webapp.web import moments
from webapp.web.help.pages import help_address
from webapp.web.records import field_labels
from webapp.web.records.field_labels import defined, label, value_label
from webapp.web.records.value_links import mail_link, phone_link, web_link
from webapp.web.services import services


class _Template(Template):
    """A template whose macros are imported without comparing the globals of both sides, which are the same.

    Jinja compares them at every import: in a list, half of the time that its rows take.
    """

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        del ctx
        return super()._get_default_module()


def register(app: Flask) -> None:
    """Give the templates their filters and functions."""
    field_labels.register(app)
    app.jinja_env.template_class = _Template
    moments.register(app)
    app.jinja_env.filters.update(number=number_text, number_or_more=number_or_more)
    app.jinja_env.filters.update(sentence_case=sentence_case)
    app.jinja_env.filters.update(mail_link=mail_link, phone_link=phone_link, web_link=web_link)
    app.jinja_env.filters["direction"] = direction
    app.jinja_env.globals.update(
        language=language,
        counted=counted,
        role_labels=ROLES,
        outcome_label=outcome,
        reason_of=reason_of,
        called=called_in_text,
        stored_text=stored_text,
        hubspot_url=hubspot_url,
        help_address=help_address,
        name_of=name_of,
        singular=SINGULAR,
        plural=PLURAL,
        fields_of=FIELDS,
        field_label=label,
        status_labels=STATUS_LABELS,
        custom_values=custom_values,
        twinbook_version=VERSION,
    )


def direction(text: str) -> Markup:
    """The attribute of an element that holds a text which runs from right to left; nothing for any other."""
    return Markup(' dir="rtl"') if is_right_to_left(text) else Markup("")


def number(value: float) -> str:
    """A number with its thousands apart."""
    return number_text(value)


def number_or_more(count: int) -> str:
    """A count that goes no further than `MOST_COUNTED`: so many, or so many and more."""
    return f"{number_text(MOST_COUNTED)}+" if count >= MOST_COUNTED else number_text(count)


def called_in_text(object_type: str, name: str) -> str:
    """The name of a record as it stands within other text; of one without a name, that it has none."""
    return str(isolated(called(object_type, name)))


def name_of(object_type: ObjectType, record: object) -> str:
    """How a stored record is called, within other text."""
    names = ("name", "domain") if object_type == "companies" else ("first_name", "last_name", "email")
    return called_in_text(
        object_type, record_name(object_type, {name: getattr(record, name) for name in names})
    )


def custom_values(object_type: ObjectType, record: Record) -> list[tuple[str, str]]:
    """A record's custom fields with their values, in the order of their definitions."""
    known, held = defined(object_type), record.custom or {}
    names = [name for name in known if name.removeprefix(CUSTOM) in held]
    names += [own for name in sorted(held) if (own := f"{CUSTOM}{name}") not in known]
    return [
        (label(object_type, name), as_text(value_label(object_type, name, held[name.removeprefix(CUSTOM)])))
        for name in names
    ]


def reason_of(reason: str | None) -> Reason | None:
    """A reason's text with its remedy; None without a reason."""
    return reasons.reason(reason) if reason else None


def hubspot_url(connection: Connection, object_type: str, remote_id: str) -> str:
    """The address of a company or contact in the portal."""
    return portal.record_url(services().settings, connection, object_type, remote_id)
