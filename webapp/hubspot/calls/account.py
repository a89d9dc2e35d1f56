"""Calls about the account: its details, its properties, its owners."""

from __future__ import annotations

import msgspec

from webapp.hubspot.calls.base import Calls
from webapp.hubspot.calls.listed_definitions import DefinitionDecoder, Listed, ListedDecoder
from webapp.hubspot.calls.paging import Cursors
from webapp.hubspot.definitions import (
    AccountDetails,
    Owner,
    PropertyDefinition,
    PropertyGroup,
)
from webapp.hubspot.errors import MalformedAnswer

_accounts = msgspec.json.Decoder(AccountDetails)
_definition = DefinitionDecoder()
_definitions = ListedDecoder(PropertyDefinition)
_groups = ListedDecoder(PropertyGroup)
_owners = ListedDecoder(Owner)


class AccountCalls(Calls):
    """Calls about the account: its details, properties and owners."""

    def account_details(self) -> AccountDetails:
        """The account behind the token; works with any token, so it tests one."""
        return self._get(self._path("account"), {}, _accounts)

    def properties(self, object_type: str) -> Listed[PropertyDefinition]:
        """All properties of an object type, as this account defines them, and the names of the odd ones.

        Raises:
            MalformedAnswer: There are none, as no account has it: every mapped one would seem deleted.
        """
        listed = self._get(self._path("properties", type=object_type), {}, _definitions)
        if not (listed.results or listed.unread):
            raise MalformedAnswer("HubSpot lists no properties.")
        return listed

    def create_property(
        self,
        object_type: str,
        *,
        name: str,
        label: str,
        group_name: str,
        description: str = "",
        has_unique_value: bool = False,
    ) -> PropertyDefinition:
        """Makes a one-line text property. Uniqueness cannot be set later. Not retried without a look.

        Raises:
            Conflict: There is one of that name.
            MissingScopes: The schema scope was not granted.
        """
        body = {
            "name": name,
            "label": label,
            "groupName": group_name,
            "description": description,
            "type": "string",
            "fieldType": "text",
            "hasUniqueValue": has_unique_value,
        }
        path = self._path("properties", type=object_type)
        return self._write(path, body, _definition, is_repeatable=False)

    def property_groups(self, object_type: str) -> list[PropertyGroup]:
        """The headings under which the account shows its properties."""
        return self._get(self._path("property_groups", type=object_type), {}, _groups).results

    def owners(self) -> list[Owner]:
        """All owners, to whom records can be assigned, page by page.

        Raises:
            MalformedAnswer: The pages have no end.
        """
        found: list[Owner] = []
        cursors = Cursors()
        query: dict[str, str | int] = {"limit": 100}
        while True:
            page = self._get(self._path("owners"), query, _owners)
            found += page.results
            if page.paging is None or page.paging.next is None:
                return found
            cursors.meet(page.paging.next.after)
            query["after"] = page.paging.next.after
