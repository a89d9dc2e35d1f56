"""Texts that the portal cannot look up: an odd character in one value, and the whole call is refused."""

from typing import Any

from sandbox.call import Call
from sandbox.errors import invalid


def refuse_text(call: Call, asked: Any) -> None:
    """Refuse a call whose values hold the text of the switch.

    Raises:
        ApiError: one does.
    """
    refused = call.portal.settings.refused_text
    if refused and any(refused in text for text in _texts(asked)):
        raise invalid("There was a problem with the request: a value could not be read")


def _texts(asked: Any) -> list[str]:
    if isinstance(asked, str):
        return [asked]
    if isinstance(asked, dict):
        asked = list(asked.values())
    return [text for one in asked for text in _texts(one)] if isinstance(asked, list) else []
