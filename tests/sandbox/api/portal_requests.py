"""Requests to the sandbox portal that several of its tests make."""

from __future__ import annotations

from typing import Any

from tests.support.servers.sandbox_server import CLIENT_ID, SandboxServer


def unique_property(kind: str = "contacts") -> dict[str, Any]:
    """The definition of a property whose values are unique."""
    return {
        "name": "our_key",
        "label": "Our key",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation" if kind == "contacts" else "companyinformation",
        "hasUniqueValue": True,
    }


def authorization_code(portal: SandboxServer, scope: str = "oauth crm.objects.contacts.read") -> str:
    """The code that the portal gives to an app to which somebody grants access."""
    form = {
        "client_id": CLIENT_ID,
        "redirect_uri": "http://localhost:1/cb",
        "scope": scope,
        "decision": "grant",
    }
    answer = portal.api("POST", "/oauth/authorize", data=form, allow_redirects=False)
    return answer.headers["Location"].partition("code=")[2]
