"""The values of the mapping pages: each field with its property, each property with its marks."""

from collections.abc import Mapping as Given
from collections.abc import Sequence
from typing import Any, cast

from msgspec import Struct

from webapp.domain.mapping.check import mappable
from webapp.domain.mapping.definitions import Definitions, Property
from webapp.domain.mapping.fitting import Fit, fit
from webapp.domain.mapping.mapping import BlankPolicy, Direction, FieldMap
from webapp.domain.records.fields import CUSTOM, Field, ObjectType
from webapp.store.mapping import definitions, mappings
from webapp.store.records import custom_fields
from webapp.text.mapping import BLANKS, CONVERSIONS, DIRECTIONS, PROPERTY_KINDS, fitting_kinds
from webapp.text.records.records import FIELD_KINDS, distinct
from webapp.text.translated import gettext
from webapp.web.addresses import row_number
from webapp.web.mapping.standing import Standing, gather
from webapp.web.records.field_labels import label
from webapp.web.services import page_session

_OPTION = "option:"


class Row(Struct, frozen=True):
    """A field with its mapping, if it has one, the property behind it and how the two go together."""

    label: str
    field: Field
    item: FieldMap | None
    prop: Property | None
    fit: Fit | None

    @property
    def kind(self) -> str:
        """The label of its kind."""
        return FIELD_KINDS[self.field.kind]

    @property
    def conversion(self) -> str:
        """How a value is taken from one side to the other; nothing where the two do not fit."""
        return CONVERSIONS[self.fit.conversion] if self.fit else ""

    @property
    def is_converted(self) -> bool:
        """Whether a value is another one on the other side."""
        return self.fit is not None and self.fit.conversion != "as_it_is"

    @property
    def is_missing(self) -> bool:
        """Whether it is mapped to what HubSpot does not have."""
        return self.item is not None and self.item.direction != "off" and self.prop is None

    @property
    def is_unfit(self) -> bool:
        """Whether it is mapped to what does not fit it, at least in the direction that was chosen."""
        if self.item is None or self.item.direction == "off" or self.prop is None:
            return False
        return self.fit is None or self.item.direction not in self.fit.directions


class FieldForm(Struct):
    """One field's mapping on its page.

    Attributes:
        present: what is in force.
        version: of the mapping that the form was made from.
        chosen: the property.
        options: of a choice, ours with HubSpot's.
        trouble: why it was not saved.
        standing: what does not fit of the mapping in force.
    """

    object_type: ObjectType
    field: Field
    known: Definitions
    present: FieldMap | None
    version: int
    chosen: str = ""
    direction: Direction = "both"
    blank_policy: BlankPolicy = "ignore"
    options: dict[str, str] = {}
    trouble: str = ""
    standing: Sequence[Standing] = ()

    @property
    def is_fixed(self) -> bool:
        """Whether nobody may change it."""
        return self.present is not None and self.present.is_fixed

    @property
    def can_be_filled(self) -> bool:
        """Whether a Pull or Push of this field alone can do anything."""
        return (
            self.present is not None
            and self.present.direction != "off"
            and self.present.property in self.known.by_name
        )

    @property
    def label(self) -> str:
        """The label of the field."""
        return label(self.object_type, self.field.name)

    @property
    def kind(self) -> str:
        """The label of its kind."""
        return FIELD_KINDS[self.field.kind]

    @property
    def fitting(self) -> str:
        """The types of properties that fit it, as a text."""
        return fitting_kinds(self.field)

    @property
    def prop(self) -> Property | None:
        """The property that is chosen."""
        return self.known.by_name.get(self.chosen)

    @property
    def fit(self) -> Fit | None:
        """How the field goes together with the property that is chosen."""
        return fit(self.field, self.prop) if self.prop else None

    @property
    def conversion(self) -> str:
        """How a value is taken from one side to the other; nothing where the two do not fit."""
        return CONVERSIONS[self.fit.conversion] if self.fit else ""

    @property
    def directions(self) -> list[tuple[Direction, str]]:
        """The directions to choose from."""
        possible = self.fit.directions if self.fit else tuple(DIRECTIONS)
        return [(one, DIRECTIONS[one]) for one in possible]

    @property
    def blanks(self) -> list[tuple[BlankPolicy, str]]:
        """The blank policies to choose from."""
        return list(BLANKS.items())

    @property
    def counterparts(self) -> list[tuple[str, str]]:
        """The options of the property that one of ours can go together with."""
        remote = self.prop.options if self.prop else ()
        labels = distinct({option.value: option.label for option in remote})
        return [("", gettext("no counterpart")), *labels.items()]

    @property
    def names(self) -> dict[str, str]:
        """The labels of the properties, by their internal names."""
        return distinct({one.name: one.label for one in self.known.properties})

    @property
    def groups(self) -> list[tuple[str, list[Property]]]:
        """The properties that fit, under HubSpot's headings."""
        return grouped(self.known, [one for one in self.known.properties if fit(self.field, one)])

    @property
    def has_options(self) -> bool:
        """Whether single options are mapped."""
        return self.field.kind in ("choice", "choices") and self.fit is not None

    @property
    def sent_options(self) -> dict[str, str]:
        """The options as the form sends them."""
        return {_OPTION + local: remote for local, remote in self.options.items()}

    @property
    def option_names(self) -> dict[str, str]:
        """The labels of HubSpot's options, by their internal names."""
        return {value: text for value, text in self.counterparts if value}

    def as_field_map(self) -> FieldMap | None:
        """The mapping that the form describes; None where the field is not to be mapped."""
        if not self.chosen:
            return None
        return FieldMap(self.field.name, self.chosen, self.direction, self.blank_policy, options=self.options)

    def take(self, given: Given[str, str]) -> None:
        """Put in what was sent; what makes no sense stays as it was."""
        if "property" in given:
            self.chosen = given["property"]
            self.options = {
                name.removeprefix(_OPTION): text
                for name, text in given.items()
                if name.startswith(_OPTION) and text
            }
        if given.get("direction") in DIRECTIONS:
            self.direction = cast("Direction", given["direction"])
        if given.get("blank_policy") in BLANKS:
            self.blank_policy = cast("BlankPolicy", given["blank_policy"])
        if (version := row_number(given.get("version", ""))) is not None:
            self.version = version
        possible = [one for one, _ in self.directions]
        if "property" in given and self.direction not in possible and "save" not in given:
            self.direction = possible[0]
        self._guess_options()

    def _guess_options(self) -> None:
        """Map options of one name to each other, until a person chooses otherwise."""
        if not self.has_options or self.prop is None or any(self._is_known(one) for one in self.options):
            return
        labels = [option.label.casefold() for option in self.prop.options]
        by_name = {
            option.label.casefold(): option.value
            for option in self.prop.options
            if labels.count(option.label.casefold()) == 1
        }
        by_name |= {option.value.casefold(): option.value for option in self.prop.options}
        self.options = {
            local: remote for local in self.field.options if (remote := by_name.get(local.casefold()))
        }

    def _is_known(self, local: str) -> bool:
        return self.prop is not None and self.options[local] in [one.value for one in self.prop.options]


def overview(connection_id: int, object_type: ObjectType, search: str) -> dict[str, Any]:
    """The page of an object type."""
    session = page_session()
    cached = definitions.load(session, connection_id, object_type)
    mapping = mappings.load(session, connection_id, object_type)
    present = {item.field: item for item in mapping.fields}
    rows = [
        _row(label(object_type, field.name), field, present.get(field.name), cached.definitions)
        for field in mappable(object_type, custom_fields.load(session, object_type))
    ]
    used: dict[str, list[str]] = {}
    for row in rows:
        if row.item is not None and row.item.direction != "off":
            used.setdefault(row.item.property, []).append(row.label)
    found = [one for one in cached.definitions.properties if _is_found(one, search)]
    return {
        "object_type": object_type,
        "cached": cached,
        "standing": gather(mapping, cached.definitions),
        "standard": [row for row in rows if not row.field.name.startswith(CUSTOM)],
        "custom": [row for row in rows if row.field.name.startswith(CUSTOM)],
        "used": used,
        "search": search,
        "found": len(found),
        "groups": grouped(cached.definitions, found),
        "directions": DIRECTIONS,
        "names": distinct({one.name: one.label for one in cached.definitions.properties}),
        "kinds": PROPERTY_KINDS,
    }


def field_form(connection_id: int, object_type: ObjectType, name: str) -> FieldForm | None:
    """The form of a field as it is mapped now; None when there is no such field."""
    session = page_session()
    fields = mappable(object_type, custom_fields.load(session, object_type))
    field = next((one for one in fields if one.name == name), None)
    if field is None:
        return None
    mapping = mappings.load(session, connection_id, object_type)
    known = definitions.load(session, connection_id, object_type).definitions
    present = next((item for item in mapping.fields if item.field == name), None)
    version = mappings.version(session, connection_id)
    standing = [one for one in gather(mapping, known) if one.field == name]
    form = FieldForm(object_type, field, known, present, version, standing=standing)
    if present is not None:
        form.chosen, form.direction = present.property, present.direction
        form.blank_policy, form.options = present.blank_policy, present.options
    return form


def grouped(known: Definitions, properties: list[Property]) -> list[tuple[str, list[Property]]]:
    """Properties under HubSpot's headings, both in HubSpot's order; those of no heading come last."""
    labels = {group.name: group.label for group in known.groups}
    by_group: dict[str, list[Property]] = {name: [] for name in labels}
    for one in properties:
        by_group.setdefault(one.group, []).append(one)
    return [(labels.get(name) or name or gettext("Others"), some) for name, some in by_group.items() if some]


def _row(called: str, field: Field, item: FieldMap | None, known: Definitions) -> Row:
    prop = known.by_name.get(item.property) if item else None
    return Row(called, field, item, prop, fit(field, prop) if prop else None)


def _is_found(prop: Property, search: str) -> bool:
    query = search.strip().casefold()
    return not query or query in prop.label.casefold() or query in prop.name.casefold()
