"""Refusals that show that HubSpot's definitions have changed since they were read."""

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.options import refused_option
from webapp.domain.push.refusals.refusal import Refusal, RefusedProperty

_OF_WHOLE_PROPERTIES = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE")


def shows_other_definitions(refusal: Refusal, mapping: Mapping) -> bool:
    """Whether HubSpot refuses a value that its definitions, as read, allow.

    What is not there or cannot be written would not have been sent, nor an option that is not offered.
    """
    fields = {prop: field for field, prop in mapping.property_names.items()}
    return any(
        one.code in _OF_WHOLE_PROPERTIES
        or (one.code == "INVALID_OPTION" and _was_offered(one, fields.get(one.name), mapping))
        for one in refusal.properties
    )


def _was_offered(refused: RefusedProperty, field: str | None, mapping: Mapping) -> bool:
    if field is None or field not in mapping.offered:
        return True
    option = refused_option(refused.message)
    return option is not None and mapping.takes(field, option)
