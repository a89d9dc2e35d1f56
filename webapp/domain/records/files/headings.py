"""Recognises the columns of a file and which field each is, by the headings that various programs write."""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence

from webapp.domain.records.fields import CUSTOM, FIELDS_BY_NAME, ObjectType
from webapp.domain.records.files.header import BY_DOMAIN, BY_NAME, IDS, MOST_COLUMNS
from webapp.domain.records.values import folded

LEFT_OUT = ""
"""The field of a column that is not read."""

_SEPARATORS = (",", ";", "\t", "|")
# The length that is searched for the separator; the csv module's own limit for a cell is not much larger.
_LOOKED_AT = 100_000
_NO_WORD = re.compile(r"[\W_]+")
_PLACE = {
    "street": "street address|address|address line 1|straße|strasse|anschrift|adresse|rue",
    "city": "town|ort|stadt|ville",
    "region": "state region|state|province|county|bundesland",
    "postcode": "postal code|zip|zip code|postleitzahl|plz|code postal",
    "country": "country region|land|pays",
    "phone": "phone number|telephone|tel|telefon|telefonnummer|rufnummer|téléphone",
    "hubspot_id": "record id|hubspot id|hs object id|object id|hubspot record id",
}
_OTHER_NAMES: dict[ObjectType, dict[str, str]] = {
    "companies": {
        **_PLACE,
        "name": "company|company name|account|account name|organisation|organization|firma|firmenname|"
        "unternehmen|société",
        "domain": "company domain name|company domain|domain name|primary domain",
        "website": "website url|url|web|homepage|web page|webseite|internet|site web",
        "industry": "branche|sector|secteur",
        "employees": "number of employees|employee count|headcount|mitarbeiter|mitarbeiterzahl|effectif",
        "description": "about|beschreibung|notes|notizen|remarks",
        "hubspot_id": f"{_PLACE['hubspot_id']}|company id|record id company",
    },
    "contacts": {
        **_PLACE,
        "first_name": "given name|forename|vorname|prénom",
        "last_name": "surname|family name|nachname|familienname|nom de famille",
        "email": "email address|mail|mail address|mailadresse|emailadresse|courriel",
        "mobile": "mobile phone number|mobile phone|cell|cell phone|handy|mobil|mobiltelefon|portable",
        "job_title": "title|position|role|job|funktion|berufsbezeichnung|poste",
        "hubspot_id": f"{_PLACE['hubspot_id']}|contact id|record id contact",
        BY_DOMAIN: "company domain name|firmendomain|domain",
        BY_NAME: "company|organisation|organization|account|account name|employer|associated company|firma|"
        "firmenname|unternehmen|société",
    },
}
"""What other programs call a field, HubSpot's exports and German and French address books among them."""


def separator_of(line: str, object_type: ObjectType) -> str:
    """The separator that gives the most known headings, otherwise the most columns."""
    known = {heading_key(name) for name in (*IDS, *FIELDS_BY_NAME[object_type])}
    known.update(_other_names(object_type))

    def headings_by(separator: str) -> tuple[int, int]:
        names = next(csv.reader([line[:_LOOKED_AT]], delimiter=separator), [])[:MOST_COLUMNS]
        return sum(heading_key(name) in known or name.startswith(CUSTOM) for name in names), len(names)

    return max(_SEPARATORS, key=headings_by)


def heading_key(heading: str) -> str:
    """A heading as headings are compared: letters and digits alone, without case and accents."""
    apart = unicodedata.normalize("NFKD", folded(heading).casefold())
    plain = "".join(one for one in apart if not unicodedata.combining(one))
    return _NO_WORD.sub("", plain)


def fitting_names(object_type: ObjectType, custom: Sequence[str]) -> list[str]:
    """The possible meanings of a column: the number of a record, a field, or a custom field."""
    of_company = [BY_NAME, BY_DOMAIN] if object_type == "contacts" else []
    return [*FIELDS_BY_NAME[object_type], *of_company, *custom, *IDS]


def recognised(
    object_type: ObjectType,
    headings: Sequence[str],
    labels: Mapping[str, str],
    remembered: Mapping[str, str],
) -> list[str]:
    """The field of each column; `LEFT_OUT` if none is recognised. No field is given to two columns.

    A heading that is a field's own name comes first, then what a person chose for such a heading before, then
    what the field is called here, then what other programs call it.

    Args:
        object_type: Companies or contacts.
        headings: What stands above the columns.
        labels: What a column can be, each with what it is called here.
        remembered: By `heading_key`, what was chosen before.
    """
    keys = [heading_key(heading) for heading in headings]
    found: list[str | None] = [None] * len(headings)
    taken: set[str] = set()
    for place, key in enumerate(keys):
        if remembered.get(key) == LEFT_OUT:
            found[place] = LEFT_OUT
    for fields in (
        {name: name for name in [*labels, *_own_custom(headings)]},
        {key: name for key, name in remembered.items() if name in labels},
        {heading_key(label): name for name, label in reversed(list(labels.items()))},
        _other_names(object_type),
    ):
        for place, heading in enumerate(headings):
            name = fields.get(heading) or fields.get(keys[place])
            if found[place] is None and name and name not in taken:
                found[place] = name
                taken.add(name)
    return [one or LEFT_OUT for one in found]


def _own_custom(headings: Sequence[str]) -> list[str]:
    """The custom fields that an export names which are not defined here."""
    return [one for one in headings if one.startswith(CUSTOM) and len(one) > len(CUSTOM)]


def _other_names(object_type: ObjectType) -> dict[str, str]:
    return {
        heading_key(one): name
        for name, others in _OTHER_NAMES[object_type].items()
        for one in (name, *others.split("|"))
    }
