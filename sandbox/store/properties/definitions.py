"""Property definitions and groups of one object type, with what reading and writing need at hand."""

from typing import Any

import msgspec

from sandbox.calls.errors import ApiError, invalid
from sandbox.clock import now_iso
from sandbox.kinds import Kind
from sandbox.store.properties.builtin import GROUPS, INSTALLED_AT, builtin_properties
from sandbox.store.properties.schema import Group, Property

MAX_UNIQUE_PROPERTIES = 10
NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


class Definitions:
    """All properties and groups of an object type, archived ones included."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.properties: dict[str, Property] = {p.name: p for p in builtin_properties(kind)}
        self.groups: dict[str, Group] = {
            name: Group(name=name, label=label, display_order=order)
            for order, (name, label) in enumerate(GROUPS[kind.name])
        }
        self._projections: dict[str | None, tuple[str, ...]] = {}
        self._options: dict[str, frozenset[str]] = {}

    def live(self, name: str) -> Property | None:
        """The definition, unless there is none or it is archived."""
        found = self.properties.get(name)
        return None if found is None or found.archived else found

    def projection(self, names: str | None) -> tuple[str, ...]:
        """Names to answer with, for a comma-separated request (None: the default set)."""
        found = self._projections.get(names)
        if found is None:
            given = self.kind.defaults if not names else tuple(names.split(","))
            known = {name.strip() for name in given if self.live(name.strip())}
            found = tuple(sorted(known | set(self.kind.system)))
            self._projections[names] = found
        return found

    def allowed_values(self, definition: Property) -> frozenset[str]:
        """The option values of an enumeration."""
        found = self._options.get(definition.name)
        if found is None:
            found = frozenset(option.value for option in definition.options)
            self._options[definition.name] = found
        return found

    def unique_names(self) -> list[str]:
        """Custom properties whose values no two records may share."""
        return [p.name for p in self.properties.values() if p.has_unique_value and not p.archived]

    def create(self, given: dict[str, Any]) -> Property:
        """Add a custom property; an archived one of that name comes back.

        Raises:
            ApiError: the name is taken or not a name, the group is unknown, or too many are unique.
        """
        prop = _parse(given)
        former = self.properties.get(prop.name)
        if former is not None and not former.archived:
            raise ApiError(
                409,
                f"A property named '{prop.name}' already exists.",
                "OBJECT_ALREADY_EXISTS",
                subCategory="Properties.PROPERTY_WITH_NAME_EXISTS",
            )
        if prop.group_name not in self.groups:
            raise invalid(f"Property group '{prop.group_name}' does not exist")
        if prop.has_unique_value and len(self.unique_names()) >= MAX_UNIQUE_PROPERTIES:
            raise invalid("You have reached the limit of 10 unique properties for this object type")
        prop.created_at = prop.updated_at = now_iso()
        self._put(prop)
        return prop

    def update(self, name: str, given: dict[str, Any]) -> Property:
        """Change a definition; `options` replaces the whole list.

        Raises:
            ApiError: unknown, or defined by HubSpot.
        """
        prop = self.get(name)
        if prop.modification_metadata.read_only_definition:
            raise invalid(f"Property '{name}' is read-only and its definition cannot be changed")
        return self.redefine(name, {**given, "hasUniqueValue": prop.has_unique_value})

    def redefine(self, name: str, given: dict[str, Any]) -> Property:
        """Change whatever there is about a definition, as HubSpot itself may; `options` replaces the list.

        Raises:
            ApiError: unknown, or no definition.
        """
        changed = _convert({**msgspec.to_builtins(self.get(name)), **given, "name": name})
        changed.updated_at = now_iso()
        self._put(changed)
        return changed

    def archive(self, name: str) -> None:
        """Hide a custom property and its values.

        Raises:
            ApiError: unknown, or defined by HubSpot.
        """
        prop = self.get(name)
        if not prop.modification_metadata.archivable:
            raise invalid(f"Property '{name}' is defined by HubSpot and cannot be archived")
        prop.archived = True
        self._put(prop)

    def forget(self, name: str) -> None:
        """Delete a definition for good, so that another one may be made by its name.

        Raises:
            ApiError: unknown.
        """
        self.get(name)
        del self.properties[name]
        self._projections.clear()
        self._options.pop(name, None)

    def get(self, name: str) -> Property:
        """The definition of a live property.

        Raises:
            ApiError: 404, there is none.
        """
        found = self.live(name)
        if found is None:
            raise ApiError(404, f"Property '{name}' does not exist", "OBJECT_NOT_FOUND")
        return found

    def group(self, name: str) -> Group:
        """A group by name.

        Raises:
            ApiError: 404, there is none.
        """
        found = self.groups.get(name)
        if found is None:
            raise ApiError(404, f"Property group '{name}' does not exist", "OBJECT_NOT_FOUND")
        return found

    def create_group(self, given: dict[str, Any]) -> Group:
        """Add a group.

        Raises:
            ApiError: the name is taken, or name or label is missing.
        """
        try:
            group = msgspec.convert(given, Group)
        except msgspec.ValidationError as error:
            raise invalid(f"Invalid property group: {error}") from error
        if group.name in self.groups:
            raise ApiError(
                409, f"A property group named '{group.name}' already exists.", "OBJECT_ALREADY_EXISTS"
            )
        self.groups[group.name] = group
        return group

    def _put(self, prop: Property) -> None:
        self.properties[prop.name] = prop
        self._projections.clear()
        self._options.pop(prop.name, None)


def _parse(given: dict[str, Any]) -> Property:
    for needed in ("name", "label", "type", "fieldType", "groupName"):
        if not given.get(needed):
            raise invalid(f"Invalid input JSON: required property '{needed}' is missing")
    name = given["name"]
    if not set(name) <= NAME_LETTERS or not name[0].isalpha():
        raise invalid(f"Property name '{name}' may hold lower-case letters, digits and underscores only")
    return _convert({**given, "createdAt": INSTALLED_AT, "updatedAt": INSTALLED_AT})


def _convert(given: dict[str, Any]) -> Property:
    try:
        return msgspec.convert(given, Property)
    except msgspec.ValidationError as error:
        raise invalid(f"Invalid property definition: {error}") from error
