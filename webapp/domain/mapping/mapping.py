"""Which property is which field: the configuration as plain values, and what a new connection starts with."""

from collections.abc import Collection
from functools import cached_property
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.mapping.definitions import PropertyKind
from webapp.domain.records.fields import FIELDS_BY_NAME, Field, ObjectType
from webapp.domain.records.values import trimmed

Direction = Literal["both", "in", "out", "off"]
BlankPolicy = Literal["ignore", "clear"]

# Properties that are read with every object, whatever is mapped: the proof of a merge, further addresses or
# domains.
MERGED_IDS = "hs_merged_object_ids"
ADDITIONAL_EMAILS = "hs_additional_emails"
ADDITIONAL_DOMAINS = "hs_additional_domains"
FURTHER_KEYS: dict[ObjectType, str] = {"companies": ADDITIONAL_DOMAINS, "contacts": ADDITIONAL_EMAILS}
"""The property with the domains or addresses beside the first."""
KEY_PROPERTY = "twinbook_id"
"""Our own unique property at HubSpot: a record's uuid, by which its object is found again."""


_NAMED_BY: dict[ObjectType, tuple[str, ...]] = {
    "companies": ("name", "domain"),
    "contacts": ("firstname", "lastname", "email"),
}


class FieldMap(Struct, frozen=True):
    """One mapped field.

    `options` has, of a choice, the remote value of each local one. `knows_blanks` is set on what was
    mapped later: its base keeps blanks too, so that a field without a base is known to be one that no sync
    has seen yet, whose two sides nobody has moved.
    """

    field: str
    property: str
    direction: Direction = "both"
    blank_policy: BlankPolicy = "ignore"
    is_fixed: bool = False
    options: dict[str, str] = {}
    knows_blanks: bool = False


class Mapping(Struct, frozen=True, dict=True):
    """The whole mapping of one object type.

    `status_in` and `status_out` are the status tables: remote to local values, and local to remote ones.
    `has_key` says that HubSpot has our own unique property. `custom` are the definitions of our own fields.
    `is_narrowed` says that only some fields are given: linked records are brought to them, and nothing else
    about them is touched.

    What HubSpot's definitions show is laid over it: `kinds` are the kinds of the mapped properties as last
    read, by field; `stopped_in` and `stopped_out` the fields that do not go that way while their property is
    missing or unfit; `offered` the options of the mapped properties that have some, by field, without blanks
    around them; `unclearable` the fields that a blank in HubSpot never clears, since their property is not
    the one that it was.
    """

    object_type: ObjectType
    fields: tuple[FieldMap, ...]
    status_in: dict[str, str]
    status_out: dict[str, str]
    has_key: bool = False
    custom: tuple[Field, ...] = ()
    is_narrowed: bool = False
    kinds: dict[str, PropertyKind] = {}
    stopped_in: frozenset[str] = frozenset()
    stopped_out: frozenset[str] = frozenset()
    offered: dict[str, frozenset[str]] = {}
    unclearable: frozenset[str] = frozenset()

    def narrowed(self, names: Collection[str]) -> "Mapping":
        """The mapping narrowed to these fields."""
        fields = tuple(item for item in self.fields if item.field in names)
        return replace(self, fields=fields, is_narrowed=True)

    @cached_property
    def incoming(self) -> tuple[tuple[Field, FieldMap], ...]:
        """The mapped fields that a pull may write, with their definitions."""
        return self._of_direction("in", but=self.stopped_in)

    @cached_property
    def incoming_properties(self) -> tuple[tuple[str, str, Field], ...]:
        """The same as plain names: each field's, its property's, and its definition."""
        return tuple((definition.name, item.property, definition) for definition, item in self.incoming)

    @cached_property
    def outgoing(self) -> tuple[tuple[Field, FieldMap], ...]:
        """The mapped fields that a push may send, with their definitions."""
        return self._of_direction("out", but=self.stopped_out)

    @cached_property
    def withheld(self) -> tuple[tuple[Field, FieldMap], ...]:
        """The mapped fields that a push would send if their property was there and fit, with definitions."""
        sent = {item.field for _, item in self.outgoing}
        return self._of_direction("out", but=sent)

    def _of_direction(
        self, direction: Direction, *, but: Collection[str]
    ) -> tuple[tuple[Field, FieldMap], ...]:
        return tuple(
            (self.definition_of(item.field), item)
            for item in self.fields
            if item.direction in ("both", direction) and item.field not in but
        )

    def definition_of(self, name: str) -> Field:
        """The definition of a field; a text field if it has none."""
        return self._definitions.get(name) or Field(name, name)

    @cached_property
    def _definitions(self) -> dict[str, Field]:
        return FIELDS_BY_NAME[self.object_type] | {field.name: field for field in self.custom}

    @cached_property
    def incoming_names(self) -> frozenset[str]:
        """The fields that a pull may write."""
        return frozenset(item.field for _, item in self.incoming)

    @cached_property
    def not_incoming(self) -> tuple[str, ...]:
        """The fields that no pull writes: only a push uses them, or nothing at present."""
        mapped = (item.field for item in self.fields if item.direction != "off")
        return tuple(name for name in mapped if name not in self.incoming_names)

    @cached_property
    def options_in(self) -> dict[str, dict[str, str]]:
        """For each mapped choice field, the local value of each remote one, without blanks around it."""
        return {
            item.field: {trimmed(remote): local for local, remote in item.options.items()}
            for item in self.fields
            if item.options
        }

    @cached_property
    def options_out(self) -> dict[str, dict[str, str]]:
        """For each mapped choice field, the remote value of each local one, as far as HubSpot accepts it."""
        return {
            item.field: {ours: one for ours, one in item.options.items() if self.takes(item.field, one)}
            for item in self.fields
            if item.options
        }

    def takes(self, name: str, option: str) -> bool:
        """Whether HubSpot accepts an option of a field's property, as far as known."""
        return name not in self.offered or trimmed(option) in self.offered[name]

    @cached_property
    def options_gone(self) -> dict[str, frozenset[str]]:
        """For each field that is sent, our options that HubSpot does not offer any more."""
        ours = {item.field: item.options for item in self.fields if item.options}
        ours["status"] = self.status_out
        gone = {
            definition.name: frozenset(
                one
                for one, there in ours.get(definition.name, {}).items()
                if not self.takes(definition.name, there)
            )
            for definition, _ in self.outgoing
            if definition.name in self.offered
        }
        return {name: some for name, some in gone.items() if some}

    @cached_property
    def is_clearing(self) -> bool:
        """Whether a blank in HubSpot may clear a field."""
        return any(item.blank_policy == "clear" for item in self.fields)

    @cached_property
    def knowing_blanks(self) -> frozenset[str]:
        """The fields whose base keeps blanks."""
        return frozenset(item.field for item in self.fields if item.knows_blanks)

    @cached_property
    def property_names(self) -> dict[str, str]:
        """Each mapped field's property."""
        return {item.field: item.property for item in self.fields}

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """Every property that a read asks for."""
        extra: tuple[str, ...] = (MERGED_IDS, FURTHER_KEYS[self.object_type])
        extra += (KEY_PROPERTY,) if self.has_key else ()
        # Else nobody could see in the log which object it was.
        extra += _NAMED_BY[self.object_type] if self.is_narrowed else ()
        mapped = (item.property for item in self.fields if item.direction != "off")
        return tuple(dict.fromkeys((*mapped, *extra)))


def _fixed(field: str, name: str) -> FieldMap:
    return FieldMap(field, name, is_fixed=True)


_PLACE = (
    _fixed("phone", "phone"),
    _fixed("street", "address"),
    _fixed("city", "city"),
    _fixed("region", "state"),
    _fixed("postcode", "zip"),
    _fixed("country", "country"),
    FieldMap("status", "lifecyclestage"),
)

DEFAULT_FIELD_MAPPINGS: dict[ObjectType, tuple[FieldMap, ...]] = {
    "companies": (
        _fixed("name", "name"),
        FieldMap("domain", "domain"),
        FieldMap("website", "website"),
        FieldMap("description", "description"),
        FieldMap("employees", "numberofemployees"),
        # Out would need HubSpot's closed list of industries; in, it is text.
        FieldMap("industry", "industry", direction="in"),
        *_PLACE,
    ),
    "contacts": (
        _fixed("first_name", "firstname"),
        _fixed("last_name", "lastname"),
        _fixed("email", "email"),
        FieldMap("mobile", "mobilephone"),
        FieldMap("job_title", "jobtitle"),
        *_PLACE,
    ),
}

DEFAULT_STATUS_IN: dict[str, str] = {
    "subscriber": "Lead",
    "lead": "Lead",
    "marketingqualifiedlead": "Prospect",
    "salesqualifiedlead": "Prospect",
    "opportunity": "Prospect",
    "customer": "Customer",
    "evangelist": "Customer",
    "other": "Other",
}
# Former and Other are not sent.
DEFAULT_STATUS_OUT: dict[str, str] = {"Lead": "lead", "Prospect": "opportunity", "Customer": "customer"}
