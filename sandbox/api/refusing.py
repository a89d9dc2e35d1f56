"""Texts that the portal cannot look up: an odd character in one value, and the whole call is refused."""

from collections.abc import Iterable
from typing import Any

from sandbox.calls.call import Call
from sandbox.calls.errors import ApiError, invalid


def refuse_text(call: Call, given: Any) -> None:
    """Refuse a call whose values hold the text of the switch.

    Raises:
        ApiError: one does.
    """
    refused = call.portal.settings.refused_text
    if refused and any(refused in text for text in _texts(given)):
        raise invalid("There was a problem with the request: a value could not be read")


def refuse_forbidden(call: Call, ids: Iterable[str]) -> None:
    """Refuse a call about an object that the switch forbids; none of the others is worked on either.

    Raises:
        ApiError: one is forbidden.
    """
    if not set(call.portal.settings.forbidden_ids).isdisjoint(ids):
        raise ApiError(403, "You do not have permission to see or edit one of these records.")


def _texts(given: Any) -> list[str]:
    if isinstance(given, str):
        return [given]
    if isinstance(given, dict):
        given = list(given.values())
    return [text for one in given for text in _texts(one)] if isinstance(given, list) else []
