"""The form of a company or contact: what it shows, and what comes back from it."""

import json
from collections.abc import Collection, Mapping, Sequence

from flask import request
from msgspec import Struct, field

from webapp.domain.records.conversions import parts
from webapp.domain.records.editing import Meanwhile
from webapp.domain.records.fields import CUSTOM, FIELDS, FIELDS_BY_NAME, STATUSES, Field, ObjectType
from webapp.domain.records.values import is_blank, trimmed
from webapp.store.records import custom_fields
from webapp.text.records.records import STATUS_LABELS
from webapp.text.translated import gettext, mark
from webapp.usecases.rules.vocabulary import Choice
from webapp.web.addresses import row_number
from webapp.web.records.field_labels import choice_of, label
from webapp.web.services import page_session

_PLACE = ("street", "city", "region", "postcode", "country")
_GROUPS: dict[ObjectType, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "companies": (
        ("", ("name", "domain", "website", "phone", "industry", "employees", "status")),
        (mark("Address"), _PLACE),
        (mark("About"), ("description",)),
    ),
    "contacts": (
        ("", ("first_name", "last_name", "email", "job_title", "phone", "mobile", "status", "company_id")),
        (mark("Address"), _PLACE),
    ),
}
_HINTS = {"domain": mark("Such as example.com. Companies are recognised by it.")}
_IN_UTC = mark("In UTC, such as 2026-11-24 08:15.")
_CONTROLS = {
    "long_text": "textarea",
    "status": "select",
    "company": "company",
    "email": "email",
    "phone": "tel",
    "integer": "numeric",
    "url": "url",
    "number": "decimal",
    "date": "date",
    "yes_no": "select",
    "choice": "select",
    "choices": "several",
}
_CONTROL_OF_CHOICE = {False: "select", True: "several"}
_YES_NO = (("true", mark("Yes")), ("false", mark("No")))


class Control(Struct):
    """One field of a form, ready to be shown."""

    name: str
    label: str
    control: str
    value: str
    max_length: int
    error: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    meanwhile: Meanwhile | None = None


class RecordForm(Struct):
    """The contents of a form.

    Attributes:
        values: by field name and `custom.NAME`, as texts.
        seen: what it held when it was opened; sent along, to separate one's own changes from others'.
        version: of the record it was made from; 0 for a new one.
    """

    object_type: ObjectType
    values: dict[str, str]
    seen: dict[str, str] = field(default_factory=dict)
    version: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)
    meanwhile: list[Meanwhile] = field(default_factory=list)
    new_custom_name: str = ""
    new_custom_value: str = ""
    defined: dict[str, Field] = field(default_factory=dict)

    @property
    def seen_json(self) -> str:
        """`seen` as the form carries it."""
        return json.dumps(self.seen, ensure_ascii=False)

    @property
    def groups(self) -> list[tuple[str, list[Control]]]:
        """The fields under their headings."""
        return [
            (gettext(title) if title else "", [self._control(name) for name in names])
            for title, names in _GROUPS[self.object_type]
        ]

    @property
    def custom(self) -> list[Control]:
        """The custom fields that are defined, then those that only this record has."""
        own = f"{CUSTOM}{self.new_custom_name}"
        held = [name for name in sorted(self.values) if name.startswith(CUSTOM) and name != own]
        return [self._control(name) for name in dict.fromkeys((*self.defined, *held))]

    @property
    def new_custom_error(self) -> str:
        """The problem of the custom field to be added."""
        name = f"{CUSTOM}{self.new_custom_name}"
        return (self.new_custom_name and self.errors.get(name, "")) or self.errors.get("custom", "")

    @property
    def contested(self) -> list[Meanwhile]:
        """The fields that both windows changed."""
        return [change for change in self.meanwhile if change.is_contested]

    def _control(self, name: str) -> Control:
        known = FIELDS_BY_NAME[self.object_type].get(name) or self.defined.get(name)
        kind = known.kind if known else "text"
        choice = choice_of(self.object_type, name)
        value = self.values.get(name, "")
        return Control(
            name=name,
            label=label(self.object_type, name),
            control=_CONTROLS.get(kind, "text") if choice is None else _CONTROL_OF_CHOICE[choice.is_multiple],
            value=value,
            max_length=known.max_length if known else 0,
            error=self.errors.get(name, ""),
            hint=_hint(name, kind),
            options=_choices(known, value, choice) if known else (),
            meanwhile=next((change for change in self.meanwhile if change.name == name), None),
        )


def read_form(object_type: ObjectType) -> RecordForm:
    """The form as it was sent."""
    names = {item.name for item in FIELDS[object_type]}
    values = {
        name: _value_of(texts)
        for name, texts in request.form.lists()
        if name in names or name.startswith(CUSTOM)
    }
    new_name = trimmed(request.form.get("new_custom_name", ""))
    new_value = request.form.get("new_custom_value", "")
    if new_name and not is_blank(new_value):
        values[f"{CUSTOM}{new_name}"] = new_value
    version = request.form.get("version", type=row_number)
    return RecordForm(
        object_type,
        values,
        seen=_seen(request.form.get("seen", "")),
        version=version or 0,
        new_custom_name=new_name,
        new_custom_value=new_value,
        defined=_defined(object_type),
    )


def _value_of(texts: Sequence[str]) -> str:
    """The first value; of a multiple choice, whose form sends an empty one before them, all."""
    return texts[0] or ";".join(filter(None, texts))


def form_of(object_type: ObjectType, values: Mapping[str, str], version: int) -> RecordForm:
    """The form of a stored record."""
    defined = _defined(object_type)
    return RecordForm(object_type, dict(values), seen=dict(values), version=version, defined=defined)


def _defined(object_type: ObjectType) -> dict[str, Field]:
    return {item.name: item for item in custom_fields.load(page_session(), object_type)}


def _hint(name: str, kind: str) -> str:
    text = _IN_UTC if kind == "datetime" else _HINTS.get(name, "")
    return gettext(text) if text else ""


def _choices(item: Field, value: str, choice: Choice | None) -> tuple[tuple[str, str], ...]:
    """The options of a field: values with their labels. Its present value stays until another is chosen."""
    if item.kind == "yes_no":
        return tuple((stored, gettext(text)) for stored, text in _YES_NO)
    offered: Collection[str] = tuple(one for one in item.options if one not in item.retired)
    labels: Mapping[str, str] = {}
    if item.kind == "status":
        offered, labels = STATUSES, STATUS_LABELS
    elif choice is not None:
        offered, labels = choice.labels, choice.labels
    is_multiple = item.kind == "choices" or (choice is not None and choice.is_multiple)
    held = parts(value) if is_multiple else [value] if value else []
    every = (*(one for one in held if one not in offered), *offered)
    return tuple((option, labels.get(option, option)) for option in every)


def _seen(text: str) -> dict[str, str]:
    try:
        seen = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in seen.items()} if isinstance(seen, dict) else {}
