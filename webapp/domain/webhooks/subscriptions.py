"""The events to which the app has to subscribe at HubSpot, in the form of its project file.

Source: HubSpot's guide "Configure webhooks" of its developer platform, the file `webhooks-hsmeta.json`.
"""

from collections.abc import Iterable
from typing import Any

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.fields import ObjectType

_NAMES: dict[ObjectType, str] = {"companies": "company", "contacts": "contact"}
_EVENTS = ("creation", "deletion", "merge", "restore", "associationChange")
_MAX_CONCURRENT = 10


def subscriptions(target_url: str, mappings: Iterable[Mapping]) -> dict[str, Any]:
    """The file that these mappings need: a subscription for each event, and one for each property."""
    crm_objects: list[dict[str, Any]] = []
    for mapping in mappings:
        name = _NAMES[mapping.object_type]
        crm_objects += [_subscription(name, f"object.{event}") for event in _EVENTS]
        crm_objects += [
            _subscription(name, "object.propertyChange", propertyName=definition.property)
            for _, definition in mapping.incoming
        ]
    privacy = {"subscriptionType": "contact.privacyDeletion", "active": True}
    config = {
        "settings": {"targetUrl": target_url, "maxConcurrentRequests": _MAX_CONCURRENT},
        "subscriptions": {"crmObjects": crm_objects, "hubEvents": [privacy]},
    }
    return {"uid": "twinbook-webhooks", "type": "webhooks", "config": config}


def _subscription(name: str, kind: str, **more: str) -> dict[str, Any]:
    return {"subscriptionType": kind, "objectType": name, **more, "active": True}
