"""Refusals that show that HubSpot's definitions have changed since they were read."""

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.refusals.refusal import Refusal

_OF_WHOLE_PROPERTIES = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE")


def shows_other_definitions(refusal: Refusal, mapping: Mapping) -> bool:
    """Whether HubSpot refuses a value that its definitions, as read, allow.

    What is not there or cannot be written would not have been sent, nor an option where there are none.
    """
    fields = {prop: field for field, prop in mapping.property_names.items()}
    return any(
        one.code in _OF_WHOLE_PROPERTIES
        or (one.code == "INVALID_OPTION" and fields.get(one.name) not in mapping.offered)
        for one in refusal.properties
    )
