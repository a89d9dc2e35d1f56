"""The account's details and the definitions of its properties."""

from __future__ import annotations

import msgspec


class AccountDetails(msgspec.Struct, rename="camel", frozen=True):
    """The account behind a token."""

    portal_id: int
    account_type: str | None = None
    time_zone: str = "UTC"
    company_currency: str | None = None
    ui_domain: str | None = None
    data_hosting_location: str | None = None


class PropertyOption(msgspec.Struct, rename="camel", frozen=True):
    """One allowed value of a property."""

    value: str
    label: str = ""
    hidden: bool = False


class PropertyMetadata(msgspec.Struct, rename="camel", frozen=True):
    """The changes that HubSpot allows for a property."""

    read_only_value: bool = False
    read_only_definition: bool = False


class PropertyDefinition(msgspec.Struct, rename="camel", frozen=True):
    """A property as the account defines it.

    `has_unread_options` says that further options could not be read; HubSpot sends nothing by this name.
    """

    name: str
    label: str = ""
    type: str = "string"
    field_type: str = "text"
    group_name: str = ""
    description: str = ""
    options: list[PropertyOption] = []
    has_unique_value: bool = False
    hidden: bool = False
    calculated: bool = False
    external_options: bool = False
    has_unread_options: bool = False
    hubspot_defined: bool = False
    archived: bool = False
    created_at: str | None = None
    modification_metadata: PropertyMetadata | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether its value can only be read."""
        metadata = self.modification_metadata
        return self.calculated or (metadata is not None and metadata.read_only_value)


class PropertyGroup(msgspec.Struct, frozen=True):
    """Under which heading HubSpot shows properties."""

    name: str
    label: str = ""
    archived: bool = False


class Owner(msgspec.Struct, rename="camel", frozen=True):
    """An owner: a person to whom records are assigned."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    archived: bool = False
