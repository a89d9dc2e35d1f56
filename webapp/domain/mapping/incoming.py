"""An object's properties as our fields: values that fit, misfits, and the keys to recognise it by."""

from collections.abc import Mapping as Properties
from typing import Any

from msgspec import Struct, field

from webapp.domain.mapping.mapping import ADDITIONAL_DOMAINS, ADDITIONAL_EMAILS, KEY_PROPERTY, Mapping
from webapp.domain.mapping.values import Misfit, fitted
from webapp.domain.matching.keys import Keys
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import company_keys, contact_keys, domain_key, email_key
from webapp.domain.records.values import Value, clean, writable, written

# What the log shows of a value that did not fit, in characters.
_SHOWN_OF_MISFIT = 200


class Incoming(Struct):
    """One object as our fields.

    Attributes:
        object_type: what it is.
        values: the fields with data, as our values.
        raw: HubSpot's text of every mapped field whose property was sent, without what no database can hold.
        further_emails: the addresses beside the first, in lower case.
        misfits: the fields left alone: `{"field", "reason", "value"}`.
        own_key: the record's uuid, where a push has given it to the object.
        further_domains: a company's domains beside the first, as they are matched.
        made_columns, made_keys: what `columns` and `keys_in` have made: a page asks for it several times.
    """

    object_type: ObjectType
    values: dict[str, Value]
    raw: dict[str, str | None]
    further_emails: tuple[str, ...] = ()
    misfits: list[dict[str, Any]] = field(default_factory=list)
    own_key: str | None = None
    further_domains: tuple[str, ...] = ()
    made_columns: dict[str, str | None] | None = None
    made_keys: Keys | None = None

    @property
    def columns(self) -> dict[str, str | None]:
        """The derived columns that these values give a record."""
        if self.made_columns is None:
            keys_of = company_keys if self.object_type == "companies" else contact_keys
            self.made_columns = keys_of(self.values)
        return self.made_columns

    @property
    def keys(self) -> Keys:
        """The keys that identify it, of whatever company it is."""
        return self.keys_in(None)

    def keys_in(self, company_id: int | None) -> Keys:
        """The same for a contact of this company."""
        if self.made_keys is None or self.made_keys.company_id != company_id:
            self.made_keys = self._recognised_by(company_id)
        return self.made_keys

    def _recognised_by(self, company_id: int | None) -> Keys:
        columns = self.columns
        first = columns.get("email_key")
        return Keys(
            object_type=self.object_type,
            emails=frozenset(self.further_emails if first is None else (first, *self.further_emails)),
            phone=columns["phone_key"],
            name=columns["name_key"],
            company_id=company_id,
            domain=columns.get("domain_key"),
            further_domains=frozenset(self.further_domains),
            place=columns["place_key"],
            initials=columns.get("initials_key"),
            letters=columns["letters_key"],
            street=columns["street_key"],
            house=columns.get("house_key"),
            town=columns.get("town_key"),
            birthday=columns.get("birthday_key"),
            own_key=self.own_key,
            values=self.values,
        )

    @property
    def first_reason(self) -> str | None:
        """Why a field was left alone, if one was."""
        return self.misfits[0]["reason"] if self.misfits else None

    @property
    def detail(self) -> dict[str, Any] | None:
        """The detail for the log about the fields that were left alone."""
        return {"fields": self.misfits} if self.misfits else None


def read_incoming(properties: dict[str, str | None], mapping: Mapping) -> Incoming:
    """Read an object's properties through the mapping."""
    values: dict[str, Value] = {}
    raw: dict[str, str | None] = {}
    misfits: list[dict[str, Any]] = []
    for name, prop, definition in mapping.incoming_properties:
        given = properties.get(prop)
        if given is None:
            if prop in properties:
                raw[name] = None
            continue
        if given.isascii() and given.isprintable():
            # As `written` has it, of which most texts need no more.
            raw[name], stripped = given, given.strip(" ")
        else:
            raw[name], stripped = written(given)
        if not stripped:
            continue
        value = fitted(definition, stripped, mapping)
        if isinstance(value, Misfit):
            misfits.append({"field": name, "reason": value.reason, "value": stripped[:_SHOWN_OF_MISFIT]})
        else:
            values[name] = value
    return Incoming(
        mapping.object_type,
        values,
        raw,
        further_emails=_further_emails(properties),
        misfits=misfits,
        own_key=properties.get(KEY_PROPERTY),
        further_domains=further_domains(properties),
    )


def further_domains(properties: Properties[str, str | None]) -> tuple[str, ...]:
    """The domains of a company beside the first, as they are matched."""
    listed = properties.get(ADDITIONAL_DOMAINS)
    return tuple(key for part in writable(listed).split(";") if (key := domain_key(part))) if listed else ()


def display_name(object_type: ObjectType, remote_id: str, properties: dict[str, str | None]) -> str:
    """The name of an object in lists and in the log."""
    if object_type == "companies":
        name = clean(properties.get("name")) or clean(properties.get("domain"))
    else:
        parts = (clean(properties.get("firstname")), clean(properties.get("lastname")))
        name = " ".join(part for part in parts if part) or clean(properties.get("email"))
    return (name or remote_id)[:300]


def _further_emails(properties: dict[str, str | None]) -> tuple[str, ...]:
    listed = properties.get(ADDITIONAL_EMAILS)
    return tuple(key for part in writable(listed).split(";") if (key := email_key(part))) if listed else ()
