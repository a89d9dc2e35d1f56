"""Every path of HubSpot's API that we call, by family and version, in one table."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

Version = Literal["v3", "2026-03", "2026-09"]

_DATED = {
    "objects": "/crm/objects/{version}/{type}",
    "object": "/crm/objects/{version}/{type}/{id}",
    "objects_batch": "/crm/objects/{version}/{type}/batch/{verb}",
    "objects_merge": "/crm/objects/{version}/{type}/merge",
    "objects_search": "/crm/objects/{version}/{type}/search",
    "associations_batch": "/crm/associations/{version}/{from_type}/{to_type}/batch/{verb}",
    "association_labels": "/crm/associations/{version}/{from_type}/{to_type}/batch/labels/{verb}",
    "properties": "/crm/properties/{version}/{type}",
    "property_groups": "/crm/properties/{version}/{type}/groups",
    "owners": "/crm/owners/{version}",
    "account": "/account-info/{version}/details",
    "oauth_token": "/oauth/{version}/token",
    "oauth_introspect": "/oauth/{version}/token/introspect",
    "oauth_revoke": "/oauth/{version}/token/revoke",
}
_NUMBERED = {
    "objects": "/crm/v3/objects/{type}",
    "object": "/crm/v3/objects/{type}/{id}",
    "objects_batch": "/crm/v3/objects/{type}/batch/{verb}",
    "objects_merge": "/crm/v3/objects/{type}/merge",
    "objects_search": "/crm/v3/objects/{type}/search",
    "associations_batch": "/crm/v4/associations/{from_type}/{to_type}/batch/{verb}",
    "association_labels": "/crm/v4/associations/{from_type}/{to_type}/batch/labels/{verb}",
    "properties": "/crm/v3/properties/{type}",
    "property_groups": "/crm/v3/properties/{type}/groups",
    "owners": "/crm/v3/owners",
    "account": "/account-info/v3/details",
    "oauth_token": "/oauth/v3/token",
    "oauth_introspect": "/oauth/v3/token/introspect",
    "oauth_revoke": "/oauth/v3/token/revoke",
}
_UNVERSIONED = {
    # Has no dated twin.
    "private_app_token": "/oauth/v2/private-apps/get/access-token-info",
    # A page of the HubSpot application, not of its API.
    "authorize": "/oauth/authorize",
}


def path(version: Version, family: str, **parts: str) -> str:
    """The path of a call.

    Args:
        version: Which row of the table.
        family: The call's name in the table.
        parts: What fills the braces; quoted here.

    Raises:
        KeyError: No such family, or a part is missing.
    """
    table = _NUMBERED if version == "v3" else _DATED
    template = _UNVERSIONED.get(family) or table[family]
    return template.format(version=version, **{name: quote(part, safe="") for name, part in parts.items()})
